using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Explain;

/// <summary>What all key services have gathered from their nodes.</summary>
internal sealed class Explanation
{
    /// <param name="given">What was asked about.</param>
    /// <param name="offer">As it was asked.</param>
    /// <param name="answers">At least one.</param>
    public Explanation(GivenSession given, SessionOffer offer, IReadOnlyList<ExplainResponse> answers)
    {
        Given = given;
        Offer = offer;
        Now = answers[0].Now?.ToDateTimeOffset() ?? TimeProvider.System.GetUtcNow();
        Generation = answers.Max(answer => answer.Generation);
        // A node is live with one key service and known to the others.
        Nodes = [.. answers.SelectMany(answer => answer.Nodes)
            .GroupBy(node => node.Name, StringComparer.Ordinal)
            .Select(said => said.MinBy(node => node.Explanation is not null ? 0 : node.NoAnswer is ExplainResponse.Types.NoAnswer.Deadline ? 1 : 2)!)
            .OrderBy(node => node.Name, StringComparer.Ordinal)];
        // Nodes differ in what they can tell; who could open it can tell most.
        Facts = Nodes.Select(node => node.Explanation).OfType<SessionExplanation>()
            .MaxBy(said => (said.Issuer.Length > 0, said.Profile.Length > 0, said.Epoch != 0, said.Kind is not SessionKind.Unspecified));
    }

    public GivenSession Given { get; }

    public SessionOffer Offer { get; }

    public DateTimeOffset Now { get; }

    /// <summary>The newest that a key service has.</summary>
    public long Generation { get; }

    /// <summary>By name.</summary>
    public IReadOnlyList<ExplainResponse.Types.Node> Nodes { get; }

    /// <summary>Of the node that could tell most; null if none answered.</summary>
    public SessionExplanation? Facts { get; }

    public static bool Resumes(ExplainResponse.Types.Node node) => node.Explanation is { NotServed: false, Declined: "" };
}
