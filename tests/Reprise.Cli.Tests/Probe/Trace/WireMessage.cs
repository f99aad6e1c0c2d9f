using System.Text.Json;

namespace Reprise.Cli.Tests.Probe.Trace;

/// <summary>A message as two sides tell it that share no code: our trace, and tshark. Equal if their texts are.</summary>
/// <param name="Sent">Whether by the client.</param>
/// <param name="Type">As its RFC calls it.</param>
/// <param name="Bytes">With its header.</param>
/// <param name="Facts">All else that is told, name=value.</param>
internal sealed record WireMessage(bool Sent, string Type, int Bytes, IReadOnlyList<string> Facts)
{
    public string Arrow => $"{(Sent ? "-->" : "<--")} {Type}";

    public string? this[string name] => Facts.FirstOrDefault(fact => fact.StartsWith($"{name}=", StringComparison.Ordinal))?[(name.Length + 1)..];

    public override string ToString() => string.Join(' ', [Arrow, $"bytes={Bytes}", .. Facts]);

    public static WireMessage OfTrace(JsonElement message) => new(
        message.GetProperty("direction").GetString() == "sent", message.GetProperty("type").GetString()!, message.GetProperty("bytes").GetInt32(), [.. FactsOf(message)]);

    private static IEnumerable<string> FactsOf(JsonElement message)
    {
        if (message.TryGetProperty("clientHello", out var client))
        {
            yield return $"versions={List(client, "versions")}";
            yield return $"sid={client.GetProperty("sessionId")}";
            yield return $"ticket={Text(client, "ticketBytes")}";
            yield return $"ticketKey={Text(client, "ticketKeyName")}";
            yield return $"psk={string.Join(',', client.GetProperty("pskIdentities").EnumerateArray().Select(Ticket))}";
            yield return $"binders={client.GetProperty("binderBytes").EnumerateArray().Sum(bytes => bytes.GetInt32() + 1)}";
            yield return $"modes={List(client, "pskModes")}";
            yield return $"share={List(client, "keyShares")}";
            yield return $"sni={Text(client, "serverName")}";
            yield return $"alpn={List(client, "alpn")}";
            yield return $"suites={client.GetProperty("cipherSuites")}";
        }
        else if (message.TryGetProperty("serverHello", out var server))
        {
            yield return $"version={Text(server, "version")}";
            yield return $"cipher={Text(server, "cipher")}";
            yield return $"sid={Text(server, "sessionId")}";
            yield return $"sidIs={Text(server, "sessionIdIs")}";
            yield return $"ticket={server.GetProperty("ticketFollows").GetBoolean()}";
            yield return $"selected={Text(server, "selectedPsk")}";
            yield return $"share={Text(server, "keyShare")}";
            yield return $"ems={server.GetProperty("extendedMasterSecret").GetBoolean()}";
        }
        else if (message.TryGetProperty("certificate", out var chain))
        {
            yield return $"count={chain.GetProperty("count")}";
            yield return $"der={chain.GetProperty("bytes")}";
        }
        else if (message.TryGetProperty("newSessionTicket", out var ticket))
        {
            yield return $"lifetime={ticket.GetProperty("lifetimeSeconds")}";
            yield return $"ticket={Ticket(ticket)}";
        }
        else if (message.TryGetProperty("alpn", out var protocol))
        {
            yield return $"alpn={protocol}";
        }
        else if (message.TryGetProperty("alert", out var alert))
        {
            yield return $"alert={alert}";
        }
    }

    private static string Ticket(JsonElement ticket) => $"{ticket.GetProperty("bytes")}:{Text(ticket, "keyName")}";

    private static string Text(JsonElement element, string name) => element.GetProperty(name) is { ValueKind: not JsonValueKind.Null } value ? value.ToString() : "none";

    private static string List(JsonElement element, string name) => string.Join(',', element.GetProperty(name).EnumerateArray());
}
