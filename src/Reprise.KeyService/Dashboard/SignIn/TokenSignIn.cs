using System.Net;
using System.Security.Claims;
using Reprise.KeyService.Audit;

namespace Reprise.KeyService.Dashboard.SignIn;

/// <summary>What becomes of a token that somebody gives.</summary>
internal sealed class TokenSignIn(TokenFile token, Sessions sessions, SignInLimit limit, AuditTrail audit, KeyServiceMetrics metrics)
{
    private readonly Lock _one = new();

    /// <summary>How it ended.</summary>
    internal enum Outcome
    {
        Right,
        Wrong,

        /// <summary>Not looked at: too many were wrong.</summary>
        TooMany,
    }

    /// <summary>Compares and counts.</summary>
    public Outcome Check(string? given, HttpContext context)
    {
        var from = From(context);
        var outcome = Judge(given, from);
        if (outcome is Outcome.Right)
            return outcome;

        metrics.Refused("token");
        audit.RecordRefusal(
            RefusalThrottle.Stranger,
            Said(from),
            outcome is Outcome.Wrong ? "it gave a wrong token to the dashboard" : "too many wrong tokens of its network: one more was not looked at");
        return outcome;
    }

    /// <summary>Begins a session: whom its cookie names.</summary>
    public ClaimsPrincipal Begin(HttpContext context)
    {
        audit.Record(Operator.ByToken, "sign_in", Said(From(context)), AuditResult.Ok, "");
        return Operator.Principal(Operator.ByToken, DashboardAuthentication.Cookie, sessions.Begin());
    }

    // One at a time: a try that is not judged yet counts as a failure, and many right ones at once must not.
    private Outcome Judge(string? given, IPAddress from)
    {
        lock (_one)
        {
            if (!limit.TryBegin(from))
                return Outcome.TooMany;
            if (given is null || !token.Accepts(given))
                return Outcome.Wrong;
            limit.Succeeded(from);
            return Outcome.Right;
        }
    }

    private static IPAddress From(HttpContext context) => context.Connection.RemoteIpAddress ?? IPAddress.None;

    private static string Said(IPAddress address) => (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
}
