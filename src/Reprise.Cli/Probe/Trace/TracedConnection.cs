using Reprise.Cli.Probe.Clients;
using Reprise.Cli.Probe.Matrix;
using Reprise.Tls.Client.Recording;

namespace Reprise.Cli.Probe.Trace;

/// <summary>One of the two connections of a trace.</summary>
/// <param name="Node">With whom.</param>
/// <param name="Recording">What passed; owned by the trace.</param>
/// <param name="Resumed">What the client saw; null if the connection came to nothing.</param>
/// <param name="Report">What the node says of it; null if it says nothing, as servers that are no nodes of a cluster.</param>
/// <param name="Failure">What became of a connection that came to nothing.</param>
internal sealed record TracedConnection(ProbeNode Node, WireRecording Recording, bool? Resumed, NodeReport? Report, string? Failure)
{
    /// <summary>In the order on the wire.</summary>
    public IReadOnlyList<TracedMessage> Messages { get; } = Understand(Recording);

    public bool OfferedSession => Messages.Any(message => message.ClientHello is { OffersSession: true });

    /// <summary>Of the server's certificates; 0 if it showed none.</summary>
    public int CertificateBytes => Messages.FirstOrDefault(message => message is { Certificate: not null, Direction: WireDirection.Received })?.Certificate!.Bytes ?? 0;

    private static List<TracedMessage> Understand(WireRecording recording)
    {
        var (reader, meaning) = (new MessageReader(), new Meaning());
        var messages = new List<TracedMessage>();
        foreach (var message in recording.Messages)
        {
            var told = reader.Read(message);
            messages.Add(told with { Meaning = meaning.Of(told) });
        }

        return messages;
    }
}
