using System.Runtime.CompilerServices;
using Reprise.Tls.Interop;

namespace Reprise.Tls.Tests;

/// <summary>Started with one argument, the test program only looks for OpenSSL, says what is wrong, and ends.</summary>
internal static class LibraryProbe
{
    public const string Argument = "--probe-openssl";

#pragma warning disable CA2255 // before the test framework takes the command line
    [ModuleInitializer]
    internal static void Run()
    {
        if (Environment.GetCommandLineArgs() is not [_, Argument])
            return;
        try
        {
            NativeLibraries.EnsureUsable();
            Environment.Exit(0);
        }
        catch (OpenSslException fault)
        {
            Console.Error.WriteLine(fault.Message);
            Environment.Exit(3);
        }
    }
#pragma warning restore CA2255
}
