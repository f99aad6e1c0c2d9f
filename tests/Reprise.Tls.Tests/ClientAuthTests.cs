using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Reprise.Testing;
using Reprise.Tls.Interop;

namespace Reprise.Tls.Tests;

/// <summary>Full handshakes of clients with certificates, judged by the openssl command and by SslStream.</summary>
public sealed class ClientAuthTests : ClientAuthTest
{
    /// <summary>Alerts of RFC 8446 section 6.2.</summary>
    public static TheoryData<string, ClientAuthMode, string, int?> Clientele
    {
        get
        {
            var data = new TheoryData<string, ClientAuthMode, string, int?>();
            foreach (var version in (string[])["1.2", "1.3"])
            {
                foreach (var mode in (ClientAuthMode[])[ClientAuthMode.Optional, ClientAuthMode.Required])
                {
                    foreach (var (client, alert) in ((string, int?)[])
                        [("good", null), ("rsa", null), ("direct", null), ("expired", 45), ("early", 42), ("foreign", 48), ("revoked", 44), ("deep", 48), ("server", 43), ("alone", 48)])
                    {
                        data.Add(version, mode, client, alert);
                    }

                    data.Add(version, mode, "none", mode is ClientAuthMode.Optional ? null : version == "1.3" ? 116 : 40);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Clientele))]
    public async Task Client_OfAKind_IsLetInOrGetsItsAlert(string version, ClientAuthMode mode, string client, int? alert)
    {
        await using var server = await StartAsync(o => o with { ClientAuth = Verify(mode, lists: Clients.RevocationLists) });

        var result = await (Client(server, version) with { Arguments = Clients.Arguments(client) }).RunAsync();

        Assert.Equal(alert, AlertOf(result));
        if (alert is not null)
        {
            Assert.Null(result.Response);
            Assert.Empty(server.Policy.Handshakes);
            Assert.Equal(HandshakeFailure.ClientCertificate, Assert.Single(server.Policy.Failures).Failure);
            return;
        }

        Assert.Contains("HTTP/1.1 https Full None", result.Response, StringComparison.Ordinal);
        var handshake = Assert.Single(server.Policy.Handshakes);
        Assert.Equal(client == "none" ? null : Clients[client].Thumbprint, handshake.Client?.Certificate.Thumbprint);
        Assert.Equal(
            client is "good" or "rsa" ? [Clients.Intermediate.Certificate.RawData] : [],
            handshake.Client?.Intermediates.Select(certificate => certificate.ToArray()) ?? []);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Profile_ThatDoesNotAsk_GetsNoCertificate(string version)
    {
        await using var server = await StartAsync();

        var result = await (Client(server, version) with { Arguments = Clients.Arguments("good") }).RunAsync();

        Assert.Contains("No client certificate CA names sent", result.Output, StringComparison.Ordinal);
        Assert.Null(Assert.Single(server.Policy.Handshakes).Client);
    }

    // SSL_set_SSL_CTX does not copy all that there is to verification.
    [Theory]
    [InlineData("1.2", ClientAuthMode.None, ClientAuthMode.Required)]
    [InlineData("1.3", ClientAuthMode.None, ClientAuthMode.Required)]
    [InlineData("1.2", ClientAuthMode.Required, ClientAuthMode.None)]
    [InlineData("1.3", ClientAuthMode.Required, ClientAuthMode.None)]
    [InlineData("1.2", ClientAuthMode.Optional, ClientAuthMode.Required)]
    [InlineData("1.3", ClientAuthMode.Required, ClientAuthMode.Optional)]
    public async Task Profile_FoundByName_AsksInItsOwnWay(string version, ClientAuthMode first, ClientAuthMode second)
    {
        var one = Options(o => o with { Name = "a.test", ClientAuth = Of(first, Clients.OtherAuthorities) });
        var other = Options(o => o with { Name = "b.test", SessionIdContext = Enumerable.Repeat((byte)1, 32).ToArray(), ClientAuth = Of(second, Clients.Authorities) });
        await using var server = await TlsServer.StartAsync(Shared, null, one, other);

        foreach (var (name, mode, fits, names) in new[] { ("a.test", first, "foreign", "CN = Another root"), ("b.test", second, "good", "CN = Client root") })
        {
            var known = await (Client(server, version) with { ServerName = name, Arguments = Clients.Arguments(fits) }).RunAsync();
            var unknown = await (Client(server, version) with { ServerName = name, Arguments = Clients.Arguments(fits == "good" ? "foreign" : "good") }).RunAsync();
            var nobody = await (Client(server, version) with { ServerName = name }).RunAsync();

            Assert.True(known.Response is not null, known.ToString());
            Assert.Equal(mode is ClientAuthMode.None, unknown.Response is not null);
            Assert.Equal(mode is not ClientAuthMode.Required, nobody.Response is not null);
            Assert.Equal(mode is not ClientAuthMode.None, known.Output.Contains($"Acceptable client certificate CA names\n{names}\n", StringComparison.Ordinal));
        }

        TlsClientAuth? Of(ClientAuthMode mode, string authorities) => mode is ClientAuthMode.None ? null : Verify(mode, authorities);
    }

    [Fact]
    public async Task Intermediate_AmongTheAuthorities_MayBeLeftOut()
    {
        var authorities = Clients.Write("both.pem", File.ReadAllText(Clients.Authorities) + "\n" + Clients.Intermediate.Certificate.ExportCertificatePem());
        await using var server = await StartAsync(o => o with { ClientAuth = Verify(ClientAuthMode.Required, authorities) });

        var result = await (Client(server) with { Arguments = Clients.Arguments("alone") }).RunAsync();

        Assert.True(result.Response is not null, result.ToString());
        Assert.Equal([Clients.Intermediate.Certificate.RawData], server.Last.Client!.Intermediates.Select(certificate => certificate.ToArray()));
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task RevocationList_PastItsEnd_RefusesThoseItIsFor(string version)
    {
        var lists = Clients.WriteLists("old.pem", DateTimeOffset.UtcNow.AddHours(-1));
        await using var server = await StartAsync(o => o with { ClientAuth = Verify(ClientAuthMode.Optional, lists: lists) });

        var known = await (Client(server, version) with { Arguments = Clients.Arguments("good") }).RunAsync();
        var nobody = await Client(server, version).RunAsync();

        Assert.Equal(45, AlertOf(known));
        Assert.Contains("CRL has expired", Assert.Single(server.Policy.Failures).Reason, StringComparison.Ordinal);
        Assert.True(nobody.Response is not null, nobody.ToString());
    }

    // The intermediate is known from clients only; nobody can say whether its clients are still good.
    [Fact]
    public async Task Intermediate_WithoutARevocationList_IsRefused()
    {
        var lists = Clients.Write("root-only.pem", Clients.Root.RevocationList());
        await using var server = await StartAsync(o => o with { ClientAuth = Verify(ClientAuthMode.Required, lists: lists) });

        var good = await (Client(server) with { Arguments = Clients.Arguments("good") }).RunAsync();
        var direct = await (Client(server) with { Arguments = Clients.Arguments("direct") }).RunAsync();

        Assert.Equal(48, AlertOf(good));
        Assert.True(direct.Response is not null, direct.ToString());
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task SslStream_WithACertificate_IsLetIn(SslProtocols protocol)
    {
        await using var server = await StartAsync(o => o with { ClientAuth = Verify(ClientAuthMode.Required) });
        using var certificate = X509CertificateLoader.LoadPkcs12(Clients["good"].Export(X509ContentType.Pkcs12), null);

        await using var stream = await ConnectAsync(server.Address, new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = protocol,
            ClientCertificateContext = SslStreamCertificateContext.Create(certificate, [Clients.Intermediate.Certificate], offline: true),
        });
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(OpenSsl.Get("/", "localhost")));

        Assert.StartsWith("HTTP/1.1 200", await new StreamReader(stream).ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal("CN=alice.reprise.test", server.Last.Client!.Certificate.Subject);
    }

    // More than OpenSSL could put into a ticket without ending the handshake.
    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Client_WithMoreThanItMaySend_IsRefused(string version)
    {
        using var huge = Clients.Root.Client("huge.reprise.test", alternativeNames: 500);
        var files = TestAuthority.Write(huge, Files.Path, "huge");
        await using var server = await StartAsync(o => o with { ClientAuth = Verify(ClientAuthMode.Optional), ResumeAuthenticatedClients = true });

        var result = await (Client(server, version) with { Arguments = ["-cert", files.Chain, "-key", files.Key] }).RunAsync();

        Assert.Equal(47, AlertOf(result)); // illegal_parameter
        Assert.Empty(server.Policy.Handshakes);
    }

    [Theory]
    [InlineData("empty", "authorities.pem has no certificate; allowed: CA certificates in PEM")]
    [InlineData("broken", "a certificate that cannot be read")]
    [InlineData("leaf", "'CN=alice.reprise.test', which is no CA")]
    [InlineData("intermediate", "'CN=Client intermediate' without the CA that issued it")]
    [InlineData("no list", "lists.pem has no revocation list; allowed: certificate revocation lists in PEM or DER")]
    [InlineData("broken list", "lists.pem has a list that cannot be read")]
    [InlineData("other list", "no revocation list of the authority 'CN=Client root'")]
    [InlineData("forged list", "in the name of 'CN=Client root' that is not signed by it")]
    public void Profile_OfBadFiles_IsRefusedInOneLineThatNamesTheFile(string part, string expected)
    {
        var root = File.ReadAllText(Clients.Authorities) + "\n";
        var list = Clients.Root.RevocationList();
        using var impostor = TestAuthority.Root("Client root");
        var (authorities, lists) = part switch
        {
            "empty" => ("", null),
            "broken" => ($"{root}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", null),
            "leaf" => (root + Clients["good"].ExportCertificatePem(), null),
            "intermediate" => (Clients.Intermediate.Certificate.ExportCertificatePem(), null),
            "no list" => (root, root),
            "broken list" => (root, $"{list}-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n"),
            "other list" => (root, Clients.Intermediate.RevocationList()),
            _ => (root, impostor.RevocationList()),
        };
        var clientAuth = new TlsClientAuth
        {
            Mode = ClientAuthMode.Required,
            Authorities = new TlsFile(System.Text.Encoding.ASCII.GetBytes(authorities), "authorities.pem"),
            RevocationLists = lists is null ? [] : [new TlsFile(System.Text.Encoding.ASCII.GetBytes(lists), "lists.pem")],
        };

        var fault = Assert.Throws<OpenSslException>(() => new TlsProfile(Options(o => o with { ClientAuth = clientAuth })));

        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void Profile_OfListsInDer_TellsThem()
    {
        var end = new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.Zero);
        var pem = Clients.Root.RevocationList(end);
        var der = Convert.FromBase64String(string.Concat(pem.Split('\n').Where(line => !line.StartsWith('-'))));
        var clientAuth = Verify(ClientAuthMode.Optional) with { RevocationLists = [new TlsFile(der, "root.crl")] };

        using var profile = new TlsProfile(Options(o => o with { ClientAuth = clientAuth }));

        Assert.Equal(new RevocationList("root.crl", "CN=Client root", end), Assert.Single(profile.RevocationLists));
    }
}
