using Grpc.Core;
using Reprise.KeyProtocol.V1;

namespace Reprise.KeyService.Admin;

// Explain.
internal sealed partial class KeyAdminEndpoint
{
    private const int LongestSession = ushort.MaxValue;
    private const int LongestName = 256;

    public override Task<ExplainResponse> Explain(ExplainRequest request, ServerCallContext context)
    {
        if (request.Offer is not { Session.Length: > 0 and <= LongestSession } offer)
            throw AdminError.Invalid($"give a session of 1 to {LongestSession} bytes");
        if (offer.Profile.Length > LongestName || offer.ServerName.Length > LongestName)
            throw AdminError.Invalid($"a profile's or server's name has at most {LongestName} characters");
        if (!questions.Allows())
            throw AdminError.Full("too many questions: try again in a second");
        return explainer.ExplainAsync(offer, context.CancellationToken);
    }
}
