using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Reprise.Tls.Interop;

/// <summary>
/// Finds libssl and libcrypto of OpenSSL 3 and says in one line what is wrong when they are not there.
/// <c>REPRISE_OPENSSL_DIR</c> names a directory to take them from; otherwise the system's loader decides.
/// </summary>
internal static class NativeLibraries
{
    private const string DirectoryVariable = "REPRISE_OPENSSL_DIR";
    private const ulong Needed = 0x30000000; // MNN00PPS: 3.0.0

    private static readonly Lazy<string?> Fault = new(FindFault);

    /// <summary>Called before anything else of OpenSSL's.</summary>
    /// <exception cref="OpenSslException">libssl is missing or older than 3.0; one line, with the version found and needed.</exception>
    public static void EnsureUsable()
    {
        if (Fault.Value is { } fault)
            throw new OpenSslException(fault);
    }

#pragma warning disable CA2255 // a resolver must stand before the first P/Invoke of the assembly, whoever makes it
    [ModuleInitializer]
    internal static void Install() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);
#pragma warning restore CA2255

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name switch
    {
        LibSsl.Name => Load("libssl.so.3"),
        LibCrypto.Name => Load("libcrypto.so.3"),
        _ => 0,
    };

    private static nint Load(string file)
    {
        var directory = Environment.GetEnvironmentVariable(DirectoryVariable);
        return NativeLibrary.TryLoad(string.IsNullOrEmpty(directory) ? file : Path.Combine(directory, file), out var handle) ? handle : 0;
    }

    private static unsafe string? FindFault()
    {
        var hasLibCrypto = Load("libcrypto.so.3") != 0;
        if (!hasLibCrypto || Load("libssl.so.3") == 0)
        {
            var directory = Environment.GetEnvironmentVariable(DirectoryVariable);
            var where = string.IsNullOrEmpty(directory) ? "" : $" in {DirectoryVariable}={directory}";
            var found = hasLibCrypto ? "found libcrypto.so.3 alone" : OlderVersion() is { } older ? $"found {older}" : "none";
            return $"OpenSSL 3.0 or later is needed (libssl.so.3); {found}{where}.";
        }

        return LibCrypto.OpenSSL_version_num() >= Needed
            ? null
            : $"OpenSSL 3.0 or later is needed; found {Marshal.PtrToStringUTF8((nint)LibCrypto.OpenSSL_version(0))}.";
    }

    private static unsafe string? OlderVersion()
    {
        foreach (var file in (ReadOnlySpan<string>)["libcrypto.so.1.1", "libcrypto.so.1.0.0", "libcrypto.so"])
        {
            if (Load(file) is var handle and not 0 && NativeLibrary.TryGetExport(handle, "OpenSSL_version", out var version))
                return Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<int, byte*>)version)(0));
        }

        return null;
    }
}
