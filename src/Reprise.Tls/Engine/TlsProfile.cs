using System.Text;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>A profile ready to serve: its options and the SSL_CTX made from them. A handshake picks one and keeps it.</summary>
public sealed class TlsProfile : IDisposable
{
    private readonly SafeSslContextHandle _context;
    private readonly nint[] _leaves;
    private volatile TlsResumption _resumption;
    private volatile IReadOnlyList<OcspStaple?> _staples = [];

    /// <exception cref="OpenSslException">A certificate, key, cipher list or group list is refused; names which.</exception>
    public TlsProfile(TlsProfileOptions options)
    {
        if (options.SessionIdContext.Length != 32)
            throw new ArgumentException("A session-id context is 32 bytes.", nameof(options));
        NativeLibraries.EnsureUsable();
        Options = options;
        _resumption = null!;
        Resumption = new TlsResumption(options.Stateful, options.Stateless, options.Tls13, null);
        AlpnWire = [.. options.Alpn.Select(Encoding.ASCII.GetBytes)];
        AlpnProtocols = [.. AlpnWire.Select(protocol => (ReadOnlyMemory<byte>)protocol)];
        GroupsText = Encoding.ASCII.GetBytes(options.Groups + '\0');
        _context = ServerContext.Create(options, out _leaves);
        try
        {
            RevocationLists = options.ClientAuth is { } clientAuth ? ClientVerification.Require(_context, clientAuth) : [];
        }
        catch
        {
            _context.Dispose();
            throw;
        }
    }

    public TlsProfileOptions Options { get; }

    /// <summary>Whatever the policy wants to find again from a connection of this profile.</summary>
    public object? Tag { get; init; }

    /// <summary>
    /// How it resumes; at first as the options say, without ticket keys. Set from any thread, for all handshakes to come. Where
    /// authenticated clients do not resume, it is all off whatever is set.
    /// </summary>
    public TlsResumption Resumption
    {
        get => _resumption;
        set => _resumption = Options.ClientAuth is null || Options.ResumeAuthenticatedClients
            ? value
            : new TlsResumption(Stateful: false, Stateless: false, Tls13ResumptionMode.None, TicketKeys: null);
    }

    /// <summary>Those that clients are checked against; empty without.</summary>
    public IReadOnlyList<RevocationList> RevocationLists { get; }

    /// <summary>
    /// What is stapled, by the order of the certificates; at first nothing. Set from any thread, for all handshakes to come.
    /// </summary>
    public IReadOnlyList<OcspStaple?> Staples
    {
        get => _staples;
        set => _staples = value;
    }

    internal byte[][] AlpnWire { get; }

    internal byte[] GroupsText { get; }

    internal ReadOnlyMemory<byte>[] AlpnProtocols { get; }

    internal SafeSslContextHandle Context => _context;

    /// <summary>What goes with this leaf, an X509* of the context.</summary>
    internal OcspStaple? StapleFor(nint leaf)
    {
        var staples = _staples;
        var position = Array.IndexOf(_leaves, leaf);
        return position >= 0 && position < staples.Count ? staples[position] : null;
    }

    /// <summary>Gives up the context; connections that use it keep it alive until they end.</summary>
    public void Dispose() => _context.Dispose();
}
