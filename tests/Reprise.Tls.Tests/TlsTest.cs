using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>What most tests here begin with: an authority, a store and keys that nodes share, a directory.</summary>
public abstract class TlsTest : IDisposable
{
    private static readonly TestAuthority s_authority = new();

    private protected SharedState Shared { get; } = new();

    private protected TemporaryDirectory Files { get; } = new();

    private protected static TlsProfileOptions Options(Func<TlsProfileOptions, TlsProfileOptions>? change = null) =>
        TlsServer.Options(s_authority, change);

    private protected Task<TlsServer> StartAsync(Func<TlsProfileOptions, TlsProfileOptions>? change = null) =>
        TlsServer.StartAsync(Shared, Options(change));

    /// <summary>One loop: whatever happens on it, happens to all connections.</summary>
    private protected Task<TlsServer> StartOneLoopAsync(Func<TlsProfileOptions, TlsProfileOptions>? change = null) =>
        TlsServer.StartAsync(Shared, o => o.Loops = 1, Options(change));

    /// <summary>A request over a connection of its own, by openssl s_client.</summary>
    private protected static OpenSsl Client(TlsServer server, string? version = null, string path = "/") =>
        new(server.Address) { Version = version, Request = OpenSsl.Get(path, "localhost") };

    /// <summary>A full handshake; the session is in the file.</summary>
    private protected async Task<string> SessionAsync(TlsServer server, string version, bool noTicket = false, string? serverName = null, params IReadOnlyList<string> arguments)
    {
        var file = Files.File($"session-{Guid.NewGuid():N}.pem");
        var result = await (Client(server, version) with { NoTicket = noTicket, SessionOut = file, ServerName = serverName, Arguments = arguments }).RunAsync();
        Assert.True(result.Kind is HandshakeKind.Full, result.ToString());
        Assert.True(File.Exists(file), result.ToString());
        return file;
    }

    /// <summary>Offers a session; the kind as the client saw it, the handshake as the node did. They must agree.</summary>
    private protected static async Task<(OpenSslResult Client, Handshake Node)> OfferAsync(
        TlsServer server, string? version, string session, bool noTicket = false, string? serverName = null, string? sessionOut = null, params IReadOnlyList<string> arguments)
    {
        var before = server.Policy.Handshakes.Count;
        var result = await (Client(server, version) with
        {
            NoTicket = noTicket,
            SessionIn = session,
            SessionOut = sessionOut,
            ServerName = serverName,
            Arguments = arguments,
        }).RunAsync();
        Assert.True(result.Kind is not HandshakeKind.None, result.ToString());
        Assert.Equal(before + 1, server.Policy.Handshakes.Count);
        var node = server.Last;
        Assert.Equal(result.Kind is HandshakeKind.Resumed, node.Mode is not ResumptionMode.Full);
        return (result, node);
    }

    /// <summary>A connection of SslStream.</summary>
    private protected static async Task<SslStream> ConnectAsync(string address, SslClientAuthenticationOptions? options = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", int.Parse(address.AsSpan(address.LastIndexOf(':') + 1), provider: null));
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            options ??= new SslClientAuthenticationOptions { TargetHost = "localhost" };
            options.CertificateChainPolicy = Trust();
            options.AllowTlsResume = false;
            await stream.AuthenticateAsClientAsync(options);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private protected static X509ChainPolicy Trust() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { s_authority.Certificate },
        RevocationMode = X509RevocationMode.NoCheck,
    };

    private protected static async Task<byte[]> ReadToEndAsync(Stream stream)
    {
        var received = new MemoryStream();
        await stream.CopyToAsync(received);
        return received.ToArray();
    }

    public virtual void Dispose()
    {
        Shared.Dispose();
        Files.Dispose();
        GC.SuppressFinalize(this);
    }
}
