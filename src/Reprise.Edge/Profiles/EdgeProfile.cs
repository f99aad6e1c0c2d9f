using Reprise.Core.Sessions;
using Reprise.Edge.Certificates;
using Reprise.Edge.Keys;
using Reprise.SessionCache;
using Reprise.Tls;

namespace Reprise.Edge.Profiles;

/// <summary>A profile in service: its settings, scope, TLS side and the keys of its scope.</summary>
internal sealed class EdgeProfile
{
    private volatile ProfileKeys? _keys;

    public EdgeProfile(string name, ProfileOptions options, Scope scope, TlsProfileOptions tls, NearSessionCache? sessions)
    {
        Name = name;
        Options = options;
        Scope = scope;
        Sessions = sessions;
        Tls = new TlsProfile(tls) { Tag = this };
    }

    public string Name { get; }

    public ProfileOptions Options { get; }

    public Scope Scope { get; }

    public TlsProfile Tls { get; }

    /// <summary>Its certificates, by the order of the settings; what is stapled to them follows.</summary>
    public required IReadOnlyList<CertificateFacts> Certificates
    {
        get;
        init
        {
            field = value;
            Tls.Staples = [.. value.Select(certificate => certificate.Staple)];
        }
    }

    /// <summary>What settings and files it was made of; see <see cref="Reload.ProfileSettings.Fingerprint"/>.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>Its sessions, here and in the store; null where there is no store.</summary>
    public NearSessionCache? Sessions { get; }

    /// <summary>What follows for it from the current key ring; a handshake's step reads it once.</summary>
    public ProfileKeys? Keys
    {
        get => _keys;
        set
        {
            _keys = value;
            if (value is not null)
                Tls.Resumption = value.Resumption;
        }
    }

    /// <summary>
    /// Gives up keys and context, once no handshake can be under way that has begun with it. Connections that it has terminated go on.
    /// </summary>
    public void Retire()
    {
        Tls.Resumption = new TlsResumption(false, false, Tls13ResumptionMode.None, null);
        _keys?.Dispose();
        _keys = null;
        Tls.Dispose();
    }

    /// <summary>The profile that a connection was terminated by.</summary>
    public static EdgeProfile Of(Handshake handshake) => (EdgeProfile)handshake.Profile.Tag!;
}
