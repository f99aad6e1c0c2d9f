using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Reprise.Core.Keys;
using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;

namespace Reprise.KeyService.Store;

/// <summary>Ledgers to and from what is stored of them.</summary>
internal static class LedgerWire
{
    /// <summary>With all secrets: to be sealed, and zeroed by the caller.</summary>
    /// <exception cref="ObjectDisposedException">An epoch was destroyed meanwhile: there is a newer ledger.</exception>
    public static byte[] ToBytes(EpochLedger ledger)
    {
        var wire = new StoredLedger
        {
            Ring = KeyRingWire.ToWire(ledger.ToRing(), ledger.KnowsFrom),
            Condemned = { ledger.Epochs.Where(epoch => epoch.Condemned).Select(epoch => epoch.Number) },
            Removed = { ledger.Removed.Select(ToWire) },
            Commands = { ledger.Commands.Select(ToWire) },
            RotationWanted = ledger.RotationWanted,
        };
        try
        {
            var bytes = GC.AllocateUninitializedArray<byte>(wire.CalculateSize(), pinned: true);
            wire.WriteTo(bytes.AsSpan());
            return bytes;
        }
        finally
        {
            wire.Ring.Wipe();
        }
    }

    /// <param name="bytes">As <see cref="ToBytes"/> made them: whoever has sealed them is believed to have been one of us.</param>
    /// <param name="ledger">Set on success. Its secrets are the caller's to dispose.</param>
    /// <param name="reason">On failure, why.</param>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out EpochLedger? ledger, [NotNullWhen(false)] out string? reason)
    {
        ledger = null;
        KeyRingPush? push = null;
        try
        {
            var wire = StoredLedger.Parser.ParseFrom(bytes);
            if (wire.Ring is null)
                reason = "it holds no epochs";
            else if (KeyRingWire.TryParse(wire.Ring, out push, out reason))
                ledger = Restore(wire, push);
        }
        catch (Exception fault) when (fault is InvalidProtocolBufferException or ArgumentException)
        {
            reason = fault.Message.ReplaceLineEndings(" ");
        }

        if (ledger is null)
            Zero(push);
        return ledger is not null;
    }

    private static EpochLedger Restore(StoredLedger wire, KeyRingPush push) => EpochLedger.Restore(
        push.Ring.Generation,
        push.KnowsFrom,
        push.Ring.Epochs.Select(epoch => wire.Condemned.Contains(epoch.Number) ? epoch with { Condemned = true } : epoch),
        push.Ring.Purges,
        push.Ring.Switches,
        wire.Removed.Select(removed => new RemovedCertificate(removed.Node, removed.Serial, Date(removed.At))),
        wire.Commands.Select(command => new Command(command.Key, command.Caller, command.Operation, command.Subject, Date(command.At))),
        wire.RotationWanted);

    private static StoredLedger.Types.RemovedCertificate ToWire(RemovedCertificate removed) =>
        new() { Node = removed.Node, Serial = removed.Serial, At = removed.At.ToTimestamp() };

    private static StoredLedger.Types.StoredCommand ToWire(Command command) => new()
    {
        Key = command.Key,
        Caller = command.Caller,
        Operation = command.Operation,
        Subject = command.Subject,
        At = command.At.ToTimestamp(),
    };

    // Timestamp's own conversion throws what callers here do not expect.
    private static DateTimeOffset Date(Timestamp? wire) =>
        wire is { Seconds: >= 0 and < 253_402_300_800 } ? DateTimeOffset.FromUnixTimeSeconds(wire.Seconds).AddTicks(wire.Nanos / TimeSpan.NanosecondsPerTick) : default;

    private static void Zero(KeyRingPush? push)
    {
        foreach (var epoch in push?.Ring.Epochs ?? [])
            epoch.Secret?.Dispose();
    }
}
