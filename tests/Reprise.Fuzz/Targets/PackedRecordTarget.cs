using Reprise.Core.Sessions;

namespace Reprise.Fuzz.Targets;

/// <summary>What is inside a sealed session: behind a key, yet parsed as if it were not.</summary>
internal sealed class PackedRecordTarget : FuzzTarget
{
    public override IReadOnlyList<byte[]> Seeds { get; } = [.. Sample.Records.Select(record => PackedRecord.Pack(record, Sample.Handle, Sample.Scope))];

    public override void Run(byte[] input)
    {
        if (PackedRecord.Unpack((byte[])input.Clone(), Sample.Handle, Sample.Scope, 10) is { } record)
            Require(record.Der.Length <= Math.Max(64 * 1024, input.Length) + Sample.Handle.Length + Scope.Length, $"{record.Der.Length} bytes out of {input.Length}");

        // Whatever a session holds comes back as it was.
        var metadata = new SessionMetadata(Sample.Now, "edge-1", 10, 0x0304);
        var packed = PackedRecord.Pack(new SessionRecord(metadata, input), Sample.Handle, Sample.Scope);
        var unpacked = PackedRecord.Unpack(packed, Sample.Handle, Sample.Scope, 10);
        Require(unpacked is not null && unpacked.Metadata == metadata && unpacked.Der.AsSpan().SequenceEqual(input), "did not come back as it was");
    }
}
