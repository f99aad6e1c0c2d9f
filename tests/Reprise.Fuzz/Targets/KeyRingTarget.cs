using Google.Protobuf;
using Reprise.Core.Keys;
using Reprise.KeyProtocol.Wire;

namespace Reprise.Fuzz.Targets;

/// <summary>Key rings from a key service that may be broken. What is taken can be used: seals and opens, and is told on as it is.</summary>
internal sealed class KeyRingTarget : FuzzTarget
{
    public override IReadOnlyList<byte[]> Seeds { get; } = [Ring(1), Ring(3)];

    public override void Run(byte[] input)
    {
        KeyProtocol.V1.KeyRing wire;
        try
        {
            wire = KeyProtocol.V1.KeyRing.Parser.ParseFrom(input);
        }
        catch (InvalidProtocolBufferException)
        {
            return; // gRPC ends the call
        }

        if (!KeyRingWire.TryParse(wire, out var push, out var reason))
        {
            Require(reason.Length > 0 && !reason.Contains('\n', StringComparison.Ordinal), $"'{reason}'");
            return;
        }

        ScopedKeyRing.Derive(push.Ring, Sample.Scope, "shop").SealingAt(Sample.Now);
        var again = KeyRingWire.ToWire(push.Ring, push.KnowsFrom).ToByteArray();
        Require(KeyRingWire.TryParse(KeyProtocol.V1.KeyRing.Parser.ParseFrom(again), out var other, out _) && other.Ring.Generation == push.Ring.Generation, "did not come back");
    }

    private static byte[] Ring(int epochs)
    {
        var lives = new EpochLifetimes(TimeSpan.FromHours(12), TimeSpan.FromHours(24));
        var ledger = EpochLedger.Begin(Sample.Now, lives, EpochSecret.Import(Sample.Filled(32, 40)));
        for (var i = 1; i < epochs; i++)
            ledger = ledger.Stage(Sample.Now, lives, EpochSecret.Import(Sample.Filled(32, (byte)(40 + i)))).Activate(Sample.Now, Sample.Now.AddSeconds(1), lives);
        return KeyRingWire.ToWire(ledger.Purge("shop", Sample.Now).ToRing(), ledger.KnowsFrom).ToByteArray();
    }
}
