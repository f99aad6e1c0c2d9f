using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Hosting;
using Reprise.KeyService.Nodes;

namespace Reprise.KeyService.Explain;

/// <summary>
/// Passes an operator's question about a session on to the nodes whose streams are here, and gathers what they say. This service itself can
/// tell nothing: it knows no scopes, and holds no sessions.
/// </summary>
internal sealed class Explainer(EpochKeeper epochs, NodeRegistry nodes, IOptions<KeyServiceOptions> options, TimeProvider time)
{
    private static readonly TimeSpan s_budget = TimeSpan.FromSeconds(2);

    /// <param name="offer">Of lengths that were checked.</param>
    /// <param name="cancellationToken">Ends the waiting with an exception.</param>
    public async Task<ExplainResponse> ExplainAsync(SessionOffer offer, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(s_budget, time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var asked = nodes.Streams.ToDictionary(stream => stream.Name, stream => stream.AskAsync(offer, waiting.Token), StringComparer.Ordinal);
        await Task.WhenAll(asked.Values);
        cancellationToken.ThrowIfCancellationRequested();
        var response = new ExplainResponse { Service = options.Value.Name, Generation = epochs.Current.Generation, Now = time.GetUtcNow().ToTimestamp() };
        foreach (var node in nodes.Snapshot().Where(node => node.Live || asked.ContainsKey(node.Name)))
            response.Nodes.Add(Answer(node, asked.GetValueOrDefault(node.Name)?.Result, asked.ContainsKey(node.Name)));
        return response;
    }

    private static ExplainResponse.Types.Node Answer(NodeStatus node, SessionExplanation? explanation, bool wasAsked)
    {
        var answer = new ExplainResponse.Types.Node { Name = node.Name, Service = node.Service };
        if (explanation is not null)
            answer.Explanation = explanation.Sound();
        else
            answer.NoAnswer = wasAsked ? ExplainResponse.Types.NoAnswer.Deadline : ExplainResponse.Types.NoAnswer.Elsewhere;
        return answer;
    }
}
