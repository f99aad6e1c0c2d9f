using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Reprise.KeyService.Dashboard.SignIn;

/// <summary>An admin's certificate.</summary>
internal sealed class CertificateHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, AdminCertificates admins, KeyServiceMetrics metrics)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.Connection.ClientCertificate is not { } certificate)
            return Task.FromResult(AuthenticateResult.NoResult());
        if (admins.Accepts(certificate, out var identity, out var reason))
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(Operator.Principal(identity.ToString(), Scheme.Name), Scheme.Name)));
        metrics.Refused(reason);
        return Task.FromResult(AuthenticateResult.Fail($"the certificate is refused: {reason}"));
    }
}
