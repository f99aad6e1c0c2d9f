using Reprise.Core.Keys;
using Reprise.Core.Sessions;

namespace Reprise.Fuzz.Targets;

/// <summary>Values from a store that others may write to. One that was changed by a bit does not open.</summary>
internal sealed class SealedSessionTarget : FuzzTarget
{
    private static readonly ScopedKeys Keys = Sample.Ring.FindEpoch(10)!;

    public override IReadOnlyList<byte[]> Seeds { get; } = [.. Sample.Records.Select(record => SealedSession.Seal(Keys, Sample.Handle, record, Sample.Now))];

    public override void Run(byte[] input)
    {
        SealedSessionHeader.TryRead(input, out _);
        var result = SealedSession.Open(Sample.Ring, Sample.Handle, input, Sample.Now, out var record);
        Require(result is OpenResult.Opened == Seeds.Any(seed => seed.AsSpan().SequenceEqual(input)), $"{result}");
        Require(record is null == result is not OpenResult.Opened, "a record that did not open, or none that did");
        Require(SealedSession.Open(Sample.Ring, input, Seeds[0], Sample.Now, out _) is OpenResult.Foreign, "opened for another handle");
    }
}
