using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Reprise.KeyService.Dashboard.SignIn;

namespace Reprise.KeyService.Dashboard.Pages;

/// <summary>Where whoever shows no certificate gives the token.</summary>
internal sealed class SignInModel(TokenSignIn signIn, TokenFile token) : PageModel
{
    /// <summary>Why not, for people; null: nothing was given yet.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Whether there is a token at all.</summary>
    public bool TakesTokens => token.Exists;

    // The token is no argument of this: the framework logs those, at Trace.
    public async Task<IActionResult> OnPostAsync()
    {
        var outcome = signIn.Check(Request.HasFormContentType ? Request.Form["token"].ToString().Trim() : null, HttpContext);
        if (outcome is TokenSignIn.Outcome.Right)
        {
            await HttpContext.SignInAsync(DashboardAuthentication.Cookie, signIn.Begin(HttpContext));
            return LocalRedirect("/");
        }

        Refusal = outcome is TokenSignIn.Outcome.TooMany ? "Too many wrong tokens came from your address. Wait a minute, then try again." : "That is not the token.";
        Response.StatusCode = outcome is TokenSignIn.Outcome.TooMany ? StatusCodes.Status429TooManyRequests : StatusCodes.Status401Unauthorized;
        if (outcome is TokenSignIn.Outcome.TooMany)
            Response.Headers.RetryAfter = $"{SignInLimit.Span.TotalSeconds:F0}";
        return Page();
    }
}
