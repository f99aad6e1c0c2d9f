using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Reprise.Edge.Hosting;
using Reprise.Edge.Profiles;
using Reprise.Edge.Tests.Harness;
using Reprise.KeyProtocol.Hosting;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Hosting;

/// <summary>A wrong setting stops the start with one line that names the key, the value and what is allowed.</summary>
public sealed class BadConfigurationTests(EdgeWorld world)
{
    private const string Unchanged = "as it is";

    public static TheoryData<string, string, string> Settings => new()
    {
        { "Edge:Node", "\"\"", "Edge:Node is ''; allowed: the name in this node's certificate" },
        { "Edge:Listen", "[]", "Edge:Listen is empty; allowed: one or more IP:PORT" },
        { "Edge:Listen:0", "\"localhost:8443\"", "Edge:Listen:0 is 'localhost:8443'; allowed: IP:PORT" },
        { "Edge:Listen:0", "\"127.0.0.1\"", "Edge:Listen:0 is '127.0.0.1'; allowed: IP:PORT" },
        { "Edge:Management", "\"9080\"", "Edge:Management is '9080'; allowed: IP:PORT" },
        { "Edge:HttpRedirect", "[\"80\"]", "Edge:HttpRedirect:0 is '80'; allowed: IP:PORT" },
        { "Edge:HttpsPort", "70000", "Edge:HttpsPort is '70000'; allowed: 1 to 65535" },
        { "Edge:Diagnostics", "\"perhaps\"", "Edge:Diagnostics is 'perhaps'; allowed: true, false" },
        { "Edge:DrainTimeout", "\"01:00:00\"", "Edge:DrainTimeout is '01:00:00'; allowed: 00:00:00 to 00:10:00" },
        { "Edge:DrainTimeout", "\"soon\"", "Edge:DrainTimeout is 'soon'; allowed: a time" },
        { "Edge:DeclinesLoggedPerSecond", "-1", "Edge:DeclinesLoggedPerSecond is '-1'; allowed: 0 (none) to 100" },
        { "Edge:Loops", "1000", "Edge:Loops is '1000'; allowed: 0 (one per core) to 256" },
        { "Edge:Loops", "\"many\"", "Edge:Loops is 'many'; allowed: a whole number" },
        { "Edge:Listeners", "{\"x\":{\"Address\":\"8443\"}}", "Edge:Listeners:x:Address is '8443'; allowed: IP:PORT" },
        { "Edge:Listeners", "{\"x\":{\"Address\":\"127.0.0.1:0\",\"Profiles\":[\"shop\"]}}", "Edge:Listeners:x:Profiles:0 is 'shop'; allowed: default" },
        { "Edge:Listeners", "{\"x\":{\"Address\":\"127.0.0.1:0\",\"ProxyProtocol\":\"Perhaps\"}}", "Edge:Listeners:x:ProxyProtocol is 'Perhaps'; allowed: None, Optional, Required" },
        { "Edge:Listeners", "{\"x\":{\"Address\":\"127.0.0.1:0\",\"ProxyProtocol\":\"Required\"}}", "Edge:Listeners:x:ProxyProtocol is 'Required' without Edge:ProxyProtocol:Trusted" },
        { "Edge:ProxyProtocol", "{\"Trusted\":[\"10.0.0.0/33\"]}", "Edge:ProxyProtocol:Trusted:0 is '10.0.0.0/33'; allowed: a network" },
        { "Edge:ProxyProtocol", "{\"Timeout\":\"00:00:00\"}", "Edge:ProxyProtocol:Timeout is '00:00:00'; allowed: 00:00:01 to 00:01:00" },
        { "Edge:Limits", "{\"Connections\":-1}", "Edge:Limits:Connections is '-1'; allowed: 0 (no limit) to 10000000" },
        { "Edge:Limits", "{\"RequestHeadersTimeout\":\"01:00:00\"}", "Edge:Limits:RequestHeadersTimeout is '01:00:00'; allowed: 00:00:01 to 00:05:00" },
        { "Edge:DrainDelay", "\"01:00:00\"", "Edge:DrainDelay is '01:00:00'; allowed: 00:00:00 to 00:10:00" },
        { "Edge:TakeOverSocket", "\"/tmp/take-over.sock\"", "Edge:TakeOverSocket is '/tmp/take-over.sock'; allowed: a path of at most 90 bytes, in an existing directory that only its owner may write to" },
        { "Edge:Lisen", "[]", "Edge:Lisen is not a setting; allowed: Edge:Node" },
        { "Profile", "{}", "Profile is not a setting; allowed: Edge, Sessions, KeyService, Profiles, ReverseProxy, Telemetry, Logging" },
        { "Sessions:Redis", "\"127.0.0.1:1,whatever=1\"", "Sessions:Redis is not a StackExchange.Redis connection string" },
        { "Sessions:PasswordFile", "\"nowhere\"", "Sessions:PasswordFile is '" },
        { "Sessions:PasswordFile", "\"pki\"", "Sessions:PasswordFile is '" },
        { "Sessions:LookupBudget", "\"00:01:00\"", "Sessions:LookupBudget is '00:01:00'; allowed: 00:00:00.001 to 00:00:05" },
        { "Sessions:StoreBudget", "\"00:00:00\"", "Sessions:StoreBudget is '00:00:00'; allowed: 00:00:00.001 to 00:00:05" },
        { "Sessions:NearCacheEntries", "-1", "Sessions:NearCacheEntries is '-1'; allowed: 0 (none) to 10000000" },
        { "Sessions:NearCacheAge", "\"2.00:00:00\"", "Sessions:NearCacheAge is '2.00:00:00'; allowed: 00:00:01 to 1.00:00:00" },
        { "Telemetry:Endpoint", "\"collector:4318\"", "Telemetry:Endpoint is 'collector:4318'; allowed: http://HOST:PORT or https://HOST:PORT" },
        { "Telemetry:Endpoint", "\"http://user:password@collector:4318\"", "allowed: http://HOST:PORT or https://HOST:PORT" },
        { "Telemetry:Protocol", "\"Zipkin\"", "Telemetry:Protocol is 'Zipkin'; allowed: HttpProtobuf, Grpc" },
        { "Telemetry:HeadersFile", "\"nowhere\"", "Telemetry:HeadersFile is '" },
        { "Telemetry:HeadersFile", "\"edge.json\"", "allowed: a readable file with lines NAME: VALUE (line 1 is no header)" },
        { "Telemetry", "{ \"Endpoint\": \"http://collector:4318\", \"HeadersFile\": \"nowhere\" }", "Telemetry:Endpoint is 'http://collector:4318'; allowed with Telemetry:HeadersFile: https, or this machine" },
        { "Telemetry:CertificateAuthorityFile", "\"edge.json\"", "Telemetry:CertificateAuthorityFile is '" },
        { "Telemetry:Timeout", "\"00:05:00\"", "Telemetry:Timeout is '00:05:00'; allowed: 00:00:00.1000000 to 00:01:00" },
        { "Telemetry:MetricsInterval", "\"00:00:00\"", "Telemetry:MetricsInterval is '00:00:00'; allowed: 00:00:01 to 01:00:00" },
        { "Telemetry:TracesSampleRatio", "1.5", "Telemetry:TracesSampleRatio is '1.5'; allowed: 0 to 1" },
        { "Telemetry:TracesSampleRatio", "\"NaN\"", "Telemetry:TracesSampleRatio is 'NaN'; allowed: 0 to 1" },
        { "Telemetry:TracesSampleRatio", "\"some\"", "Telemetry:TracesSampleRatio is 'some'; allowed: a number" },
        { "Telemetry:ClientTraces", "\"Believe\"", "Telemetry:ClientTraces is 'Believe'; allowed: Restart, Continue" },
        { "KeyService:Addresses", "[]", "KeyService:Addresses is empty; allowed: at least one https://HOST:PORT" },
        { "KeyService:Addresses:0", "\"http://keys\"", "KeyService:Addresses:0 is 'http://keys'; allowed: https://HOST:PORT" },
        { "KeyService:Certificate", "\"pki/edge-2.crt\"", "KeyService" },
        { "KeyService:Authority", "\"nowhere.crt\"", "KeyService:Authority is '" },
        { "Profiles", "{}", "Profiles is empty; allowed: one profile or more" },
        { "Profiles:stateful:Hosts:0", "\"Shop.Example\"", "Profiles:stateful:Hosts:0 is 'Shop.Example'; allowed: a lower-case DNS name" },
        { "Profiles:stateful:Hosts:0", "\"*.*.example\"", "Profiles:stateful:Hosts:0 is '*.*.example'; allowed: a lower-case DNS name" },
        { "Profiles:stateful:Hosts:0", "\"stateless.reprise.test\"", "which Profiles:stateful has too; allowed: each host in one profile" },
        { "Profiles:stateful:Hosts", "[]", "allowed: one default profile" },
        { "Profiles:stateful:Certificates", "[]", "Profiles:stateful:Certificates is empty; allowed: one or more of Chain and Key, or Pkcs12" },
        { "Profiles:stateful:Certificates:0:Chain", "\"nowhere.crt\"", "Profiles:stateful:Certificates:0:Chain is '" },
        { "Profiles:stateful:Certificates:0:Chain", "\"edge.json\"", "edge.json', which holds no certificate; allowed: a PEM file of certificates" },
        { "Profiles:stateful:Certificates:0:Key", "\"pki/edge-1.key\"", "Profiles:stateful" },
        { "Profiles:stateful:Certificates:0:Key", "\"pki/site.crt\"", "Profiles:stateful" },
        { "Profiles:stateful:Resumption:SessionTimeout", "\"8.00:00:00\"", "Profiles:stateful:Resumption:SessionTimeout is '8.00:00:00'; allowed: 00:00:01 to 7.00:00:00" },
        { "Profiles:stateful:Resumption:MaxSessionAge", "\"00:00:00\"", "Profiles:stateful:Resumption:MaxSessionAge is '00:00:00'; allowed: 00:00:01 to 30.00:00:00" },
        { "Profiles:stateful:Resumption:TicketsPerHandshake", "9", "Profiles:stateful:Resumption:TicketsPerHandshake is '9'; allowed: 0 to 8" },
        { "Profiles:stateful:Resumption:Tls13", "\"Both\"", "Profiles:stateful:Resumption:Tls13 is 'Both'; allowed: " },
        { "Profiles:stateful:Resumption:Tls13", "\"Stateless\"", "Profiles:stateful:Resumption:Tls13 is 'Stateless' while Stateless is 'false'; allowed: Stateful, None" },
        { "Profiles:stateless:Resumption:Tls13", "\"Stateful\"", "Profiles:stateless:Resumption:Tls13 is 'Stateful' while Stateful is 'false'; allowed: Stateless, None" },
        { "Profiles:stateful:Resumption:Statefull", "true", "Profiles:stateful:Resumption:Statefull is not a setting; allowed: Profiles:stateful:Resumption:Stateful" },
        { "Profiles:stateful:ClientAuth:Mode", "\"Require\"", "Profiles:stateful:ClientAuth:Mode is 'Require'; allowed: None, Optional, Required" },
        { "Profiles:stateful:ClientAuth:Mode", "\"Required\"", "Profiles:stateful:ClientAuth:Authorities is '' while Mode is 'Required'; allowed: the path of an existing PEM file" },
        { "Profiles:stateful:ClientAuth:Authorities", "\"pki/ca.crt\"", "Profiles:stateful:ClientAuth:Mode is 'None' with Authorities or RevocationLists; allowed: Optional or Required with them" },
        { "Profiles:stateful:ClientAuth:RevocationLists", "[\"pki/ca.crt\"]", "Profiles:stateful:ClientAuth:Mode is 'None' with Authorities or RevocationLists" },
        { "Profiles:stateful:ClientAuth", """{ "Mode": "Optional", "Authorities": "nowhere.pem", "Depth": 11 }""", "ClientAuth:Depth is '11'; allowed: 0 (no intermediates) to 10" },
        { "Profiles:stateful:ClientAuth", """{ "Mode": "Optional", "Authorities": "nowhere.pem" }""", "Profiles:stateful:ClientAuth:Authorities is '" },
        { "Profiles:stateful:ClientAuth", """{ "Mode": "Optional", "Authorities": "pki" }""", "allowed: the path of an existing PEM file of CA certificates" },
        { "Profiles:stateful:ClientAuth", """{ "Mode": "Optional", "Authorities": "edge.json" }""", "has no certificate; allowed: CA certificates in PEM" },
        { "Profiles:stateful:ClientAuth", """{ "Mode": "Optional", "Authorities": "pki/site.crt" }""", "which is no CA; allowed: CA certificates" },
        { "Profiles:stateful:ClientAuth", """{ "Mode": "Optional", "Authorities": "pki/ca.crt", "RevocationLists": ["nowhere.crl"] }""", "Profiles:stateful:ClientAuth:RevocationLists:0 is '" },
        { "Profiles:stateful:ClientAuth", """{ "Mode": "Optional", "Authorities": "pki/ca.crt", "RevocationLists": ["pki/ca.crt"] }""", "has no revocation list; allowed: certificate revocation lists in PEM or DER" },
        { "Profiles:stateful:HandshakeTimeout", "\"00:10:00\"", "Profiles:stateful:HandshakeTimeout is '00:10:00'; allowed: 00:00:01 to 00:05:00" },
        { "Profiles:stateful:Resumption:NearCacheEntries", "-1", "Profiles:stateful:Resumption:NearCacheEntries is '-1'; allowed: 0 (none) to 10000000" },
        { "Profiles:stateful:Resumption:NearCacheAge", "\"00:00:00\"", "Profiles:stateful:Resumption:NearCacheAge is '00:00:00'; allowed: 00:00:01 to 1.00:00:00" },
        { "Profiles:stateful:IdleTimeout", "\"00:00:00\"", "Profiles:stateful:IdleTimeout is '00:00:00'; allowed: 00:00:01 to 1.00:00:00" },
        { "Profiles:stateful:Upstream:Http:0", "\"app:8080\"", "Profiles:stateful:Upstream:Http:0 is 'app:8080'; allowed: http://HOST:PORT or https://HOST:PORT" },
        { "Profiles:stateful:Upstream:Http:0", "\"ftp://app\"", "Profiles:stateful:Upstream:Http:0 is 'ftp://app'; allowed: http://HOST:PORT or https://HOST:PORT" },
        { "Profiles:stateful:Upstream:Cluster", "\"app\"", "Profiles:stateful:Upstream has Http and Cluster; allowed: one of Http, Cluster, Tcp" },
        { "Profiles:stateful:Upstream", "{\"Cluster\":\"app\"}", "Profiles:stateful:Upstream:Cluster is 'app'; allowed: a name in ReverseProxy:Clusters, which has none" },
        { "Profiles:stateful:Upstream", "{\"Authorities\":\"pki/ca.crt\"}", "Profiles:stateful:Upstream:Authorities is 'pki/ca.crt' without Http; allowed: with Http" },
        { "Profiles:stateful:Upstream:Authorities", "\"nowhere.crt\"", "Profiles:stateful:Upstream:Authorities is 'nowhere.crt'; allowed: a readable PEM file" },
        { "Profiles:stateful:Upstream:Authorities", "\"pki/site.key\"", "Profiles:stateful:Upstream:Authorities is 'pki/site.key', without a certificate" },
        { "Profiles:stateful:Upstream", "{\"Tcp\":{\"ProxyProtocol\":\"V1\"}}", "Profiles:stateful:Upstream:Tcp:Addresses is empty; allowed: one or more HOST:PORT" },
        { "Profiles:stateful:Upstream", "{\"Tcp\":{\"Addresses\":[\"db\"]}}", "Profiles:stateful:Upstream:Tcp:Addresses:0 is 'db'; allowed: HOST:PORT" },
        { "Profiles:stateful:Upstream", "{\"Tcp\":{\"Addresses\":[\"db:0\"]}}", "Profiles:stateful:Upstream:Tcp:Addresses:0 is 'db:0'; allowed: HOST:PORT" },
        { "Profiles:stateful:Upstream", "{\"Tcp\":{\"Addresses\":[\"::1:5432\"]}}", "Profiles:stateful:Upstream:Tcp:Addresses:0 is '::1:5432'; allowed: HOST:PORT" },
        { "Profiles:stateful:Upstream", "{\"Tcp\":{\"Addresses\":[\"db:1\"],\"ProxyProtocol\":\"V3\"}}", "Profiles:stateful:Upstream:Tcp:ProxyProtocol is 'V3'; allowed: None, V1, V2" },
        { "Profiles:stateful:Upstream", "{\"Tcp\":{\"Addresses\":[\"db:1\"],\"ConnectTimeout\":\"00:05:00\"}}", "Profiles:stateful:Upstream:Tcp:ConnectTimeout is '00:05:00'; allowed: 00:00:00.1000000 to 00:01:00" },
        { "Profiles:stateful:Upstream", "{\"Tcp\":{\"Addresses\":[\"db:1\"],\"IdleTimeout\":\"00:00:00\"}}", "Profiles:stateful:Upstream:Tcp:IdleTimeout is '00:00:00'; allowed: 00:00:01 to 7.00:00:00" },
        { "ReverseProxy:Routes", "{\"all\":{\"ClusterId\":\"app\"}}", "ReverseProxy:Routes is not a setting; allowed: ReverseProxy:Clusters" },
        { "ReverseProxy:Clusters:app:LoadBalancing", "\"RoundRobin\"", "ReverseProxy:Clusters:app:LoadBalancing is not a setting; allowed: " },
        { "ReverseProxy:Clusters:app:HealthCheck:Active:Interval", "\"often\"", "ReverseProxy:Clusters:app:HealthCheck:Active:Interval is 'often'; allowed: a time" },
        { "ReverseProxy:Clusters:app:LoadBalancingPolicy", "\"Best\"", "ReverseProxy:Clusters:app: No matching ILoadBalancingPolicy found for the load balancing policy 'Best'" },
        { "ReverseProxy:Clusters:app:HttpRequest:Version", "\"two\"", "ReverseProxy:Clusters:app: " },
        { "ReverseProxy:Clusters:app:HttpClient:SslProtocols", "[\"Tls99\"]", "ReverseProxy:Clusters:app: " },
        { "ReverseProxy:Clusters:app:Metadata:A", "\"1\"", "ReverseProxy:Clusters:app:Destinations is empty; allowed: one or more, each with its Address" },
        { "ReverseProxy:Clusters:app:Destinations:one:Address", "\"app:80\"", "ReverseProxy:Clusters:app:Destinations:one:Address is 'app:80'; allowed: http://HOST:PORT or https://HOST:PORT" },
        { "ReverseProxy:Clusters:app:Metadata:Authorities", "\"nowhere.crt\"", "ReverseProxy:Clusters:app:Metadata:Authorities is 'nowhere.crt'; allowed: a readable PEM file" },
        { "ReverseProxy:Clusters:app:SessionAffinity", "{\"Enabled\":true,\"AffinityKeyName\":\"a\",\"Policy\":\"Cookie\"}", "ReverseProxy:Clusters:app:SessionAffinity:Policy is 'Cookie'; allowed: HashCookie, ArrCookie" },
        // Found by tests/fuzz/run: each ended in a stack trace, or in two lines.
        { "KeyService", "\"Stateful\"", "KeyService is 'Stateful'; allowed: an object with settings" },
        { "Edge:Listen", "\"127.0.0.1:0\"", "Edge:Listen is '127.0.0.1:0'; allowed: a list" },
        { "Edge:ReadyFile", "{\"a\":1}", "Edge:ReadyFile has parts; allowed: one value" },
        { "Edge:ReadyFile", "\"\\u0000\"", "Edge:ReadyFile is '\\u0000'; allowed: no control characters" },
        { "Profiles:default:Resumption:Tls13", "\"a\\nb\"", "Profiles:default:Resumption:Tls13 is 'a\\u000ab'; allowed: no control characters" },
        { "Sessions:LookupBudget", "[1]", "Sessions:LookupBudget has parts; allowed: one value" },
        { "KeyService:Addresses:0", "{}", "KeyService:Addresses:0 has no value; allowed: one value" },
        { "KeyService:Key", "null", "KeyService:Key has no value; allowed: one value, or leave it out" },
        { "Edge:Management", "null", "Edge:Management has no value; allowed: one value, or leave it out" },
        { "Profiles:stateless:Certificates:0:Key", "{}", "Profiles:stateless:Certificates:0:Key has no value; allowed: one value, or leave it out" },
        { "Profiles:a, b", Unchanged, "Profiles:a, b is a profile's name; allowed: letters, digits, '-', '_' and '.'" },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public async Task Start_SettingThatIsNotAllowed_IsOneLineThatNamesIt(string key, string value, string expected)
    {
        var settings = world.Settings();
        settings.With(key, value == Unchanged ? settings["Profiles"]!["stateless"]!.DeepClone().AsObject().With("Hosts:0", "a.test") : JsonNode.Parse(value));

        var line = await FailureAsync(settings);

        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public async Task Start_StatefulProfileWithoutAStore_IsOneLineThatNamesIt() => Assert.Contains(
        "Profiles:stateful:Resumption:Stateful is 'true' without Sessions:Redis; allowed: false, or an address in Sessions:Redis",
        await FailureAsync(world.Settings().With("Sessions:Redis", "")),
        StringComparison.Ordinal);

    [Fact]
    public async Task Start_SeveralMistakes_AreAllTold()
    {
        var line = await FailureAsync(world.Settings().With("Profiles:stateful:Hosts:0", "NO").With("Profiles:stateless:Resumption:TicketsPerHandshake", 99));

        Assert.Contains("Hosts:0 is 'NO'", line, StringComparison.Ordinal);
        Assert.Contains("TicketsPerHandshake is '99'", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Edge__Loops", "1000", "reprise-edge: Edge:Loops is '1000'; allowed: 0 (one per core) to 256")]
    [InlineData("Sessions__LookupBudget", "00:01:00", "reprise-edge: Sessions:LookupBudget is '00:01:00'")]
    [InlineData("KeyService__Key", "nowhere.key", "reprise-edge: KeyService:Key is '")]
    [InlineData("Profiles__stateful__Hosts__0", "NO", "reprise-edge: Profiles:stateful:Hosts:0 is 'NO'")]
    [InlineData("REPRISE_OPENSSL_DIR", "/nonexistent", "reprise-edge: OpenSSL 3.0 or later is needed (libssl.so.3); none in REPRISE_OPENSSL_DIR=/nonexistent.")]
    public async Task Process_BadSetting_SaysOneLineAndExitsWithOne(string variable, string value, string expected)
    {
        await using var edge = await NodeProcess.RunAsync(
            EdgeWorld.Project, ["--config", world.Write(world.Settings())], new Dictionary<string, string> { [variable] = value });

        Assert.Equal(1, edge.ExitCode);
        Assert.StartsWith(expected, Assert.Single(edge.Lines), StringComparison.Ordinal);
        Assert.Single(edge.ErrorLines);
    }

    [Fact]
    public async Task Process_UnfitRedis_SaysOneLineAndExitsWithOne()
    {
        var kind = await RedisServer.CanRunAsync(RedisKind.Local) ? RedisKind.Local : RedisKind.Container;
        Assert.SkipUnless(await RedisServer.CanRunAsync(kind), "No Redis here, and Garnet is never persistent.");
        await using var redis = await RedisServer.StartAsync(new RedisOptions { Kind = kind, Persistent = true });
        await using var edge = await NodeProcess.RunAsync(EdgeWorld.Project, ["--config", world.Write(world.Settings(redis: redis.ConnectionString))]);

        Assert.Equal(1, edge.ExitCode);
        Assert.StartsWith($"reprise-edge: Redis {redis.Address} writes to disk", Assert.Single(edge.ErrorLines), StringComparison.Ordinal);
        Assert.DoesNotContain(edge.Lines, line => line.Contains("   at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Process_ManagementPortInUse_SaysOneLineAndExitsWithOne()
    {
        var settings = world.Settings().With("Edge:Management", world.Redis.Address);
        await using var edge = await NodeProcess.RunAsync(EdgeWorld.Project, ["--config", world.Write(settings)]);

        Assert.Equal(1, edge.ExitCode);
        Assert.Contains("address already in use", Assert.Single(edge.ErrorLines), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(edge.Lines, line => line.Contains("   at ", StringComparison.Ordinal));
    }

    // Kestrel has no exception of its own for these, and the transport has one.
    [Theory]
    [InlineData("Edge:Management")]
    [InlineData("Edge:Listen:0")]
    public async Task Process_AddressOfAnotherMachine_SaysOneLineAndExitsWithOne(string key)
    {
        var settings = world.Settings().With(key, "203.0.113.7:8443");
        await using var edge = await NodeProcess.RunAsync(EdgeWorld.Project, ["--config", world.Write(settings)]);

        Assert.Equal(1, edge.ExitCode);
        Assert.Contains("Edge:Listen and Edge:Management need addresses that are this machine's and free", Assert.Single(edge.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_TwoCertificatesOfOneKeyType_IsOneLineThatNamesThem()
    {
        var settings = world.Settings();
        var certificates = settings["Profiles"]!["stateful"]!["Certificates"]!.AsArray();
        certificates.Add(certificates[0]!.DeepClone());

        Assert.Equal(
            "Profiles:stateful:Certificates:1 has a key of the same type as Profiles:stateful:Certificates:0 (ECDSA); allowed: one certificate for each key type (ECDSA, RSA, Ed25519)",
            await FailureAsync(settings));
    }

    [Fact]
    public async Task Process_TlsPortOfAnotherEdge_SaysOneLineAndExitsWithOne()
    {
        await using var first = await world.StartEdgeAsync(world.Settings("edge-6"));
        var settings = world.Settings("edge-7").With("Edge:Listen:0", first.Tls);
        await using var edge = await NodeProcess.RunAsync(EdgeWorld.Project, ["--config", world.Write(settings)]);

        Assert.Equal(1, edge.ExitCode);
        Assert.Contains("in use", Assert.Single(edge.ErrorLines), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Process_NoArgumentsOrNoFile_SaysOneLineAndExitsWithOne()
    {
        await using var none = await NodeProcess.RunAsync(EdgeWorld.Project, []);
        await using var missing = await NodeProcess.RunAsync(EdgeWorld.Project, ["--config", "/nonexistent.json"]);

        Assert.Equal((1, 1), (none.ExitCode, missing.ExitCode));
        Assert.Contains("--config FILE", Assert.Single(none.ErrorLines), StringComparison.Ordinal);
        Assert.Contains("/nonexistent.json", Assert.Single(missing.ErrorLines), StringComparison.Ordinal);
    }

    // As Program tells it, in this process: fifty starts would take long.
    private async Task<string> FailureAsync(JsonObject settings)
    {
        try
        {
            await using var host = EdgeHost.Create(ConfigurationFile.Open(world.Write(settings)));
            await host.StartAsync();
        }
        catch (Exception fault) when (fault is ConfigurationFileException or ProfileException)
        {
            return fault.Message;
        }
        catch (OptionsValidationException fault)
        {
            return string.Join("; ", fault.Failures);
        }

        throw new InvalidOperationException("It started.");
    }
}
