using System.Security.Claims;

namespace Reprise.KeyService.Dashboard.SignIn;

/// <summary>Who uses the dashboard, as the audit names them.</summary>
internal static class Operator
{
    /// <summary>Whoever has the token.</summary>
    public const string ByToken = "admin/dashboard";

    private const string SessionClaim = "session";

    /// <param name="name"><c>admin/NAME</c>.</param>
    /// <param name="scheme">How that is known.</param>
    /// <param name="session">Of <see cref="Sessions"/>, if there is one.</param>
    public static ClaimsPrincipal Principal(string name, string scheme, string? session = null)
    {
        // Tokens against forged requests are made for one of these.
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, name), new Claim(ClaimTypes.NameIdentifier, $"{scheme} {name} {session}")], scheme);
        if (session is not null)
            identity.AddClaim(new Claim(SessionClaim, session));
        return new ClaimsPrincipal(identity);
    }

    public static string NameOf(ClaimsPrincipal user) => user.Identity?.Name ?? throw new InvalidOperationException("Nobody is signed in.");

    public static string? SessionOf(ClaimsPrincipal? user) => user?.FindFirst(SessionClaim)?.Value;
}
