using System.Net;

namespace Reprise.Redis;

/// <summary>Servers as operators write them.</summary>
internal static class EndPointText
{
    public static string Of(EndPoint endPoint) => endPoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endPoint.ToString() ?? "";
}
