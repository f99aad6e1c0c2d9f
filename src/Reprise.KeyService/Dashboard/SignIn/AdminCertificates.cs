using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography.X509Certificates;
using Reprise.KeyProtocol.Identity;
using Reprise.KeyService.Epochs;

namespace Reprise.KeyService.Dashboard.SignIn;

/// <summary>Which certificates let an operator in. Chain and role were verified in the handshake, but a connection may outlast its certificate.</summary>
internal sealed class AdminCertificates(EpochKeeper epochs, TimeProvider time)
{
    /// <param name="certificate">Of the connection.</param>
    /// <param name="identity">Set on success.</param>
    /// <param name="reason">On failure, as the metric knows it.</param>
    public bool Accepts(X509Certificate2 certificate, [NotNullWhen(true)] out KeyIdentity? identity, [NotNullWhen(false)] out string? reason)
    {
        reason = !KeyIdentity.TryRead(certificate, out identity, out _) || time.GetUtcNow() >= certificate.NotAfter ? "certificate"
            : identity.Role is not KeyRole.Admin ? "role"
            : epochs.Current.IsRemoved(certificate.SerialNumber) ? "removed"
            : null;
        return reason is null;
    }
}
