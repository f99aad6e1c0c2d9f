using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;

namespace Reprise.Cli.Tests.Probe.Trace;

/// <summary>Wireshark's own dissectors, on a capture and nothing but it: secrets must be inside.</summary>
internal static class Tshark
{
    private static readonly Dictionary<string, string> Types = new()
    {
        ["1"] = "ClientHello",
        ["2"] = "ServerHello",
        ["4"] = "NewSessionTicket",
        ["8"] = "EncryptedExtensions",
        ["11"] = "Certificate",
        ["12"] = "ServerKeyExchange",
        ["13"] = "CertificateRequest",
        ["14"] = "ServerHelloDone",
        ["15"] = "CertificateVerify",
        ["16"] = "ClientKeyExchange",
        ["20"] = "Finished",
    };

    /// <returns>Handshake messages, ChangeCipherSpecs and alerts of each TCP connection, in their order.</returns>
    public static async Task<IReadOnlyList<IReadOnlyList<WireMessage>>> DecodeAsync(string file, IEnumerable<string> servers)
    {
        var ports = servers.Select(address => address.Split(':')[1]).ToHashSet();
        var document = XDocument.Parse(await RunAsync(file, ports, "-T", "pdml"));
        var connections = new SortedDictionary<int, List<WireMessage>>();
        foreach (var packet in document.Root!.Elements("packet"))
        {
            var tcp = packet.Elements("proto").Single(proto => Name(proto) == "tcp");
            var stream = int.Parse(Show(tcp, "tcp.stream")!, CultureInfo.InvariantCulture);
            if (!connections.TryGetValue(stream, out var messages))
                connections[stream] = messages = [];
            var sent = !ports.Contains(Show(tcp, "tcp.srcport")!);
            foreach (var part in packet.Elements("proto").Where(proto => Name(proto) == "tls").SelectMany(tls => Fields(tls, "tls.record")).SelectMany(record => record.Elements()))
            {
                switch (Name(part))
                {
                    case "tls.handshake":
                        messages.Add(Handshake(part, sent, messages));
                        break;
                    case "tls.change_cipher_spec":
                        messages.Add(new(sent, "ChangeCipherSpec", 1, []));
                        break;
                    case "tls.alert_message":
                        messages.Add(new(sent, "Alert", 2, [$"alert={Named(part, "tls.alert_message.desc")?.ToLowerInvariant().Replace(' ', '_')}"]));
                        break;
                }
            }
        }

        return [.. connections.Values];
    }

    /// <summary>Runs it with <paramref name="arguments"/> on a file, TLS being expected on these ports.</summary>
    public static async Task<string> RunAsync(string file, IEnumerable<string> ports, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/tshark"), "tshark is not installed"); // in CI a skipped test has failed
        string[] decodeAs = [.. ports.SelectMany(port => new[] { "-d", $"tcp.port=={port},tls" })];
        using var process = Process.Start(new ProcessStartInfo("tshark", ["-r", file, .. decodeAs, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true, // also where it warns of being root
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await error);
        return output;
    }

    private static WireMessage Handshake(XElement part, bool sent, IReadOnlyList<WireMessage> before)
    {
        // Without a type it could not be decrypted.
        var type = Show(part, "tls.handshake.type") is { } number ? Types.GetValueOrDefault(number, number) : "Encrypted";
        var bytes = Number(part, "tls.handshake.length") + 4;
        IReadOnlyList<string> facts = type switch
        {
            "ClientHello" => ClientHello(part),
            "ServerHello" => ServerHello(part, before.Last(message => message.Type == "ClientHello")["sid"]!),
            "Certificate" => [$"count={Fields(part, "tls.handshake.certificate_length").Count()}", $"der={Fields(part, "tls.handshake.certificate_length").Sum(ShownNumber)}"],
            "NewSessionTicket" =>
            [
                $"lifetime={Show(part, "tls.handshake.session_ticket_lifetime_hint")}",
                $"ticket={Ticket(Number(part, "tls.handshake.session_ticket_length"), Value(part, "tls.handshake.session_ticket"))}",
            ],
            "EncryptedExtensions" when Show(part, "tls.handshake.extensions_alpn_str") is { } protocol => [$"alpn={protocol}"],
            _ => [],
        };
        return new(sent, type, bytes, facts);
    }

    private static IReadOnlyList<string> ClientHello(XElement hello)
    {
        var versions = Fields(hello, "tls.handshake.extensions.supported_version").ToList();
        var ticket = Extension(hello, "35");
        var identities = Fields(hello, "tls.handshake.extensions.psk.identity.identity");
        return
        [
            $"versions={string.Join(',', versions.Count > 0 ? versions.Select(Version) : [Version(Fields(hello, "tls.handshake.version").First())])}",
            $"sid={Value(hello, "tls.handshake.session_id")}",
            $"ticket={(ticket is null ? "none" : Show(ticket, "tls.handshake.extension.len"))}",
            $"ticketKey={(ticket is null ? "none" : KeyName(Value(ticket, "tls.handshake.extension.data")))}",
            $"psk={string.Join(',', identities.Select(identity => identity.Attribute("value")!.Value).Select(hex => Ticket(hex.Length / 2, hex)))}",
            $"binders={Show(hello, "tls.handshake.extensions.psk.binders_len") ?? "0"}",
            $"modes={string.Join(',', Fields(hello, "tls.extension.psk_ke_mode").Select(mode => ShownNumber(mode) == 1 ? "psk_dhe_ke" : "psk_ke"))}",
            $"share={string.Join(',', Fields(hello, "tls.handshake.extensions_key_share_group").Select(Named))}",
            $"sni={Show(hello, "tls.handshake.extensions_server_name") ?? "none"}",
            $"alpn={string.Join(',', Fields(hello, "tls.handshake.extensions_alpn_str").Select(Show))}",
            $"suites={Fields(hello, "tls.handshake.ciphersuite").Count()}",
        ];
    }

    private static IReadOnlyList<string> ServerHello(XElement hello, string offeredId)
    {
        var id = Value(hello, "tls.handshake.session_id");
        var version = Fields(hello, "tls.handshake.extensions.supported_version").Concat(Fields(hello, "tls.handshake.version")).First();
        return
        [
            $"version={Version(version)}",
            $"cipher={Named(hello, "tls.handshake.ciphersuite")}",
            $"sid={id}",
            $"sidIs={(id.Length == 0 ? "empty" : id == offeredId ? "echoed" : "new")}",
            $"ticket={Extension(hello, "35") is not null}",
            $"selected={Show(hello, "tls.handshake.extensions.psk.identity.selected") ?? "none"}",
            $"share={Named(hello, "tls.handshake.extensions_key_share_group") ?? "none"}",
            $"ems={Extension(hello, "23") is not null}",
        ];
    }

    // A handle is 32 bytes; of a sealed ticket the first 16 are the name of its key.
    private static string Ticket(int length, string hex) => $"{length}:{(length == 32 ? "none" : KeyName(hex))}";

    private static string KeyName(string hex) => hex.Length > 64 ? hex[..32] : "none";

    private static XElement? Extension(XElement hello, string type) =>
        Fields(hello, "tls.handshake.extension.type").FirstOrDefault(field => Show(field) == type)?.Parent;

    private static IEnumerable<XElement> Fields(XElement of, string name) => of.Descendants("field").Where(field => Name(field) == name);

    private static string? Name(XElement field) => field.Attribute("name")?.Value;

    private static string? Show(XElement field) => field.Attribute("show")?.Value;

    private static string? Show(XElement of, string name) => Fields(of, name).Select(Show).FirstOrDefault();

    private static string Value(XElement of, string name) => Fields(of, name).Select(field => field.Attribute("value")?.Value).FirstOrDefault() ?? "";

    private static int Number(XElement of, string name) => Fields(of, name).Select(ShownNumber).FirstOrDefault();

    private static int ShownNumber(XElement field) => int.Parse(Show(field)!, CultureInfo.InvariantCulture);

    private static string Version(XElement field) => Show(field) == "0x0304" ? "TLS 1.3" : Show(field) == "0x0303" ? "TLS 1.2" : Show(field)!;

    private static string? Named(XElement of, string name) => Fields(of, name).Select(Named).FirstOrDefault();

    // "Cipher Suite: TLS_AES_128_GCM_SHA256 (0x1301)"
    private static string? Named(XElement field) => field.Attribute("showname")?.Value.Split(": ", 2)[1].Split(" (")[0];
}
