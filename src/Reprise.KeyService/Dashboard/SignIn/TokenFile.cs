using Microsoft.Extensions.Options;

namespace Reprise.KeyService.Dashboard.SignIn;

/// <summary>The token of this moment, read again when its file has changed. A file that is gone or cannot be used lets nobody in, as its keeper will have meant it.</summary>
internal sealed partial class TokenFile(IOptions<DashboardOptions> options, TimeProvider time, ILogger<TokenFile> logger)
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1);

    private readonly Lock _reading = new();
    private AccessToken? _token;
    private string? _reason;
    private long _looked;
    private int _generation;

    /// <summary>Whether there is a file at all.</summary>
    public bool Exists => options.Value.TokenFile is not null;

    /// <summary>Another number for another token: sessions are of one.</summary>
    public int Generation
    {
        get
        {
            lock (_reading)
            {
                Look();
                return _generation;
            }
        }
    }

    /// <summary>Whether that is the token of now.</summary>
    public bool Accepts(string given)
    {
        AccessToken? token;
        lock (_reading)
        {
            Look();
            token = _token;
        }

        return token is not null && token.Is(given);
    }

    // By what is in it: a mounted secret is replaced without a change of its file's own date.
    private void Look()
    {
        if (options.Value.TokenFile is not { } file || (_looked != 0 && time.GetElapsedTime(_looked) < s_between))
            return;
        var first = _looked == 0;
        _looked = time.GetTimestamp();
        if (!AccessToken.TryRead(file, out var read, out var reason))
        {
            if (_reason != reason)
                Log.NotRead(logger, file, reason);
            _reason = reason;
        }
        else
        {
            _reason = null;
            if (_token is not null && _token.Is(read))
                return;
            if (!first)
                Log.Read(logger, file);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
                Log.Open(logger, file);
        }

        if (_token is not null || read is not null)
            _generation++;
        _token = read;
    }

    // Event ids 4300-4309.
    private static partial class Log
    {
        [LoggerMessage(4300, LogLevel.Information, "The dashboard's token was read again from '{File}': sessions of the former one have ended")]
        public static partial void Read(ILogger logger, string file);

        [LoggerMessage(4301, LogLevel.Warning, "The dashboard's token file '{File}' {Reason}: nobody is signed in by token until it can be used")]
        public static partial void NotRead(ILogger logger, string file, string reason);

        [LoggerMessage(4302, LogLevel.Warning, "The dashboard's token file '{File}' can be read or written by every user of this machine; take that away: chmod o-rw")]
        public static partial void Open(ILogger logger, string file);
    }
}
