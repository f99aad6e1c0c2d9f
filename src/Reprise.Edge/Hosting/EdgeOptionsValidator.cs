using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.Hosting;

namespace Reprise.Edge.Hosting;

/// <summary>Each failure names key, value and what is allowed.</summary>
internal sealed class EdgeOptionsValidator : IValidateOptions<EdgeOptions>
{
    private const string Section = EdgeOptions.SectionName;

    public ValidateOptionsResult Validate(string? name, EdgeOptions options)
    {
        var failures = new List<string>();
        if (options.Node.Length == 0)
            failures.Add($"{Section}:Node is ''; allowed: the name in this node's certificate");
        if (options.Listen.Count == 0 && options.Listeners.Count == 0)
            failures.Add($"{Section}:Listen is empty; allowed: one or more IP:PORT, or {Section}:Listeners");
        for (var i = 0; i < options.Listen.Count; i++)
            RequireAddress(failures, $"Listen:{i}", options.Listen[i]);
        foreach (var (listener, settings) in options.Listeners)
            RequireAddress(failures, $"Listeners:{listener}:Address", settings.Address);
        for (var i = 0; i < options.HttpRedirect.Count; i++)
            RequireAddress(failures, $"HttpRedirect:{i}", options.HttpRedirect[i]);
        if (options.HttpsPort is < 1 or > 65535)
            failures.Add($"{Section}:HttpsPort is '{options.HttpsPort}'; allowed: 1 to 65535");
        RequireAddress(failures, nameof(options.Management), options.Management);
        if (options.DrainTimeout < TimeSpan.Zero || options.DrainTimeout > TimeSpan.FromMinutes(10))
            failures.Add($"{Section}:DrainTimeout is '{options.DrainTimeout}'; allowed: 00:00:00 to 00:10:00");
        if (options.DrainDelay < TimeSpan.Zero || options.DrainDelay > TimeSpan.FromMinutes(10))
            failures.Add($"{Section}:DrainDelay is '{options.DrainDelay}'; allowed: 00:00:00 to 00:10:00");
        options.ProxyProtocol.Validate(failures, $"{Section}:{nameof(options.ProxyProtocol)}");
        options.Limits.Validate(failures, $"{Section}:{nameof(options.Limits)}");
        RequireOwnDirectory(failures, options.TakeOverSocket);
        foreach (var (listener, settings) in options.Listeners)
        {
            if (settings.ProxyProtocol is not Tls.ProxyProtocolMode.None && options.ProxyProtocol.Trusted.Count == 0)
                failures.Add($"{Section}:Listeners:{listener}:ProxyProtocol is '{settings.ProxyProtocol}' without {Section}:ProxyProtocol:Trusted; allowed: None, or networks there");
        }

        if (options.ReloadInterval < TimeSpan.Zero || options.ReloadInterval > TimeSpan.FromHours(1))
            failures.Add($"{Section}:ReloadInterval is '{options.ReloadInterval}'; allowed: 00:00:00 (on SIGHUP only) to 01:00:00");
        if (options.DeclinesLoggedPerSecond is < 0 or > 100)
            failures.Add($"{Section}:DeclinesLoggedPerSecond is '{options.DeclinesLoggedPerSecond}'; allowed: 0 (none) to 100");
        if (options.Loops is < 0 or > 256)
            failures.Add($"{Section}:Loops is '{options.Loops}'; allowed: 0 (one per core) to 256");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    // Whoever may write there could put a socket of his own in its place, and be asked for ours, or hand out his.
    private static void RequireOwnDirectory(List<string> failures, string? path)
    {
        if (path is null || OperatingSystem.IsWindows())
            return;
        var directory = Path.GetDirectoryName(path);
        if (path.Length > 90 || !Directory.Exists(directory) || (File.GetUnixFileMode(directory) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
            failures.Add($"{Section}:TakeOverSocket is '{path}'; allowed: a path of at most 90 bytes, in an existing directory that only its owner may write to");
    }

    private static void RequireAddress(List<string> failures, string key, string value)
    {
        if (!ListenAddress.TryParse(value, out _))
            failures.Add($"{Section}:{key} is '{value}'; allowed: IP:PORT, as 0.0.0.0:8443 or [::]:8443, port 0 for a free one");
    }
}
