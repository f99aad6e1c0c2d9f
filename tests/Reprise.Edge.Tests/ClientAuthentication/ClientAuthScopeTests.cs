using Reprise.Core.Sessions;
using Reprise.Edge.ClientAuthentication;
using Reprise.Testing;
using Reprise.Tls;

namespace Reprise.Edge.Tests.ClientAuthentication;

/// <summary>Whatever decides who is let in is in the scope; what changes from day to day is not.</summary>
public sealed class ClientAuthScopeTests : IDisposable
{
    private static readonly ScopeParts Parts = new() { Profile = "shop", ServerKeys = [[1]], Hosts = ["shop.example"], Alpn = ["h2"], TlsPolicy = "1.2 1.3" };

    private readonly TemporaryDirectory _files = new();
    private readonly ClientPki _clients;

    public ClientAuthScopeTests() => _clients = new ClientPki(_files.Path);

    public void Dispose()
    {
        _clients.Dispose();
        _files.Dispose();
    }

    [Fact]
    public void Scope_WithoutClientAuthentication_IsWhatItWas() =>
        Assert.Equal(Scope.Of(Parts), ScopeOf(new ClientAuthOptions()));

    [Fact]
    public void Scope_OfEachWayToVerify_IsAnother()
    {
        var both = _clients.Write("both.pem", File.ReadAllText(_clients.Authorities) + "\n" + File.ReadAllText(_clients.OtherAuthorities));
        ClientAuthOptions[] ways =
        [
            new(),
            new() { Mode = ClientAuthMode.Optional, Authorities = _clients.Authorities },
            new() { Mode = ClientAuthMode.Required, Authorities = _clients.Authorities },
            new() { Mode = ClientAuthMode.Required, Authorities = _clients.OtherAuthorities },
            new() { Mode = ClientAuthMode.Required, Authorities = both },
            new() { Mode = ClientAuthMode.Required, Authorities = _clients.Authorities, Depth = 3 },
            new() { Mode = ClientAuthMode.Required, Authorities = _clients.Authorities, RevocationLists = [_clients.RevocationLists] },
        ];

        Assert.Equal(ways.Length, ways.Select(ScopeOf).Distinct().Count());
    }

    // OpenSSL trusts what stands under either label, so both count.
    [Fact]
    public void Scope_OverACertificateByItsOldLabel_CountsItToo()
    {
        var one = File.ReadAllText(_clients.Authorities);
        var other = File.ReadAllText(_clients.OtherAuthorities).Replace(" CERTIFICATE", " X509 CERTIFICATE", StringComparison.Ordinal);

        Assert.NotEqual(
            ScopeOf(new() { Mode = ClientAuthMode.Required, Authorities = _clients.Write("one.pem", one) }),
            ScopeOf(new() { Mode = ClientAuthMode.Required, Authorities = _clients.Write("both.pem", one + "\n" + other) }));
    }

    [Fact]
    public void Scope_OverOtherListsOrAnotherOrder_IsTheSame()
    {
        var one = _clients.Write("one.pem", File.ReadAllText(_clients.Authorities) + "\n" + File.ReadAllText(_clients.OtherAuthorities));
        var other = _clients.Write("other-order.pem", "some words\n" + File.ReadAllText(_clients.OtherAuthorities) + "\n" + File.ReadAllText(_clients.Authorities));
        var lists = _clients.WriteLists("newer.pem", "good");

        Assert.Equal(
            ScopeOf(new() { Mode = ClientAuthMode.Required, Authorities = one, RevocationLists = [_clients.RevocationLists] }),
            ScopeOf(new() { Mode = ClientAuthMode.Required, Authorities = other, RevocationLists = [lists] }));
    }

    private static Scope ScopeOf(ClientAuthOptions options) => Scope.Of(ClientAuthLoader.Apply(Parts, ClientAuthLoader.Load("shop", options)));
}
