using Reprise.Core.Sessions;

namespace Reprise.Fuzz.Targets;

/// <summary>A ticket's application data with an authenticated client's chain in it: deflated, and never more than it says.</summary>
internal sealed class TicketStateTarget : FuzzTarget
{
    private const int Longest = 64 * 1024;

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        new TicketState(Sample.Records[0].Metadata, default).ToBytes(),
        new TicketState(Sample.Records[0].Metadata, Sample.Filled(700, 3)).ToBytes(),
        new TicketState(Sample.Records[1].Metadata, new byte[20_000]).ToBytes(),
    ];

    public override void Run(byte[] input)
    {
        if (!TicketState.TryParse(input, out var state))
            return;
        Require(state.ClientRest.Length <= Longest, $"{state.ClientRest.Length} bytes of certificates");
        Require(TicketState.TryParse(state.ToBytes(), out var again) && again.Metadata == state.Metadata && again.ClientRest.Span.SequenceEqual(state.ClientRest.Span), "did not come back as it was");
    }
}
