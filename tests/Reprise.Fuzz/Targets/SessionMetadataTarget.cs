using Reprise.Core.Sessions;

namespace Reprise.Fuzz.Targets;

/// <summary>A ticket's application data.</summary>
internal sealed class SessionMetadataTarget : FuzzTarget
{
    public override IReadOnlyList<byte[]> Seeds { get; } = [.. Sample.Records.Select(record => record.Metadata.ToBytes())];

    public override void Run(byte[] input)
    {
        if (!SessionMetadata.TryParse(input, out var metadata))
            return;
        Require(metadata.TlsVersion is 0x0303 or 0x0304, $"version {metadata.TlsVersion}");
        Require(metadata.AgeAt(Sample.Now) >= TimeSpan.Zero, "a negative age");
        Require(SessionMetadata.TryParse(metadata.ToBytes(), out var again) && again == metadata, "did not come back as it was");
    }
}
