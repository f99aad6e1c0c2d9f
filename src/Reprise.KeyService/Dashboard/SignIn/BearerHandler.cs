using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Reprise.KeyService.Dashboard.SignIn;

/// <summary><c>Authorization: Bearer TOKEN</c>, for programs: no browser sends it by itself, so requests with it cannot be forged by a page.</summary>
internal sealed class BearerHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, TokenSignIn signIn)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    private const string Prefix = "Bearer ";

    private TokenSignIn.Outcome _outcome;

    public static bool IsUsed(HttpRequest request) => request.Headers.Authorization.Count > 0;

    public static string? TokenOf(HttpRequest request) =>
        request.Headers.Authorization is [{ } only] && only.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? only[Prefix.Length..].Trim() : null;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        _outcome = signIn.Check(TokenOf(Request), Context);
        return Task.FromResult(_outcome is TokenSignIn.Outcome.Right
            ? AuthenticateResult.Success(new AuthenticationTicket(Operator.Principal(Operator.ByToken, Scheme.Name), Scheme.Name))
            : AuthenticateResult.Fail("the token is wrong"));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        await base.HandleChallengeAsync(properties);
        if (_outcome is TokenSignIn.Outcome.TooMany)
            (Response.StatusCode, Response.Headers.RetryAfter) = (StatusCodes.Status429TooManyRequests, $"{SignInLimit.Span.TotalSeconds:F0}");
        else
            Response.Headers.WWWAuthenticate = "Bearer";
    }
}
