using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Reprise.KeyService.Dashboard;

/// <summary>Scripts, styles and pictures of the page, out of the assembly: <c>/assets/NAME</c>. Needed to sign in, so open to all.</summary>
internal static class DashboardAssets
{
    private const string Prefix = "dashboard/";

    private static readonly FrozenDictionary<string, Asset> s_assets = Read();

    public static IResult Get(string name, HttpContext context)
    {
        if (!s_assets.TryGetValue(name, out var asset))
            return TypedResults.NotFound();
        // Asked for again each time, and answered 304 until a new version has others.
        context.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Bytes(asset.Content, asset.Type, entityTag: asset.Tag);
    }

    private static FrozenDictionary<string, Asset> Read()
    {
        var assembly = typeof(DashboardAssets).Assembly;
        var types = new FileExtensionContentTypeProvider();
        var assets = new Dictionary<string, Asset>(StringComparer.Ordinal);
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            var type = types.TryGetContentType(resource, out var known) ? known : "application/octet-stream";
            assets.Add(resource[Prefix.Length..], new Asset(
                content,
                type.StartsWith("text/", StringComparison.Ordinal) ? $"{type}; charset=utf-8" : type,
                new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12))}\"")));
        }

        return assets.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private sealed record Asset(byte[] Content, string Type, EntityTagHeaderValue Tag);
}
