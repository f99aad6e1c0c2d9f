using Microsoft.Extensions.Options;
using Reprise.KeyService.Hosting;

namespace Reprise.KeyService.Store;

/// <summary>
/// The key that seals, and a second one that only opens while one is replaced by the other. Read again when a file has changed;
/// files that cannot be used leave the former keys in force.
/// </summary>
internal sealed partial class KeyEncryptionKeys : IDisposable
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(5);

    private readonly Lock _reading = new();
    private readonly TimeProvider _time;
    private readonly ILogger<KeyEncryptionKeys> _logger;
    private readonly List<string> _files;
    private readonly List<KeyEncryptionKey> _replaced = [];
    private List<KeyEncryptionKey> _keys = [];
    private string? _refused;
    private long _looked;

    public KeyEncryptionKeys(IOptions<KeyServiceOptions> options, TimeProvider time, ILogger<KeyEncryptionKeys> logger)
    {
        _time = time;
        _logger = logger;
        _files = [options.Value.KeyEncryptionKeyFile!, .. options.Value.OlderKeyEncryptionKeyFile is { } older ? [older] : Array.Empty<string>()];
    }

    /// <summary>The one that seals first. A snapshot: they stay usable until this object ends.</summary>
    /// <exception cref="InvalidOperationException">The files were sound when the configuration was checked, and are not now.</exception>
    public IReadOnlyList<KeyEncryptionKey> Current
    {
        get
        {
            lock (_reading)
            {
                if (_keys.Count == 0 || _time.GetElapsedTime(_looked) >= s_between)
                    Look();
                return _keys;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_reading)
        {
            foreach (var key in _keys.Concat(_replaced))
                key.Dispose();
            _keys = [];
        }
    }

    // By what is in them: a mounted secret is replaced without a change of its file's own date.
    private void Look()
    {
        _looked = _time.GetTimestamp();
        var read = new List<KeyEncryptionKey>();
        foreach (var file in _files)
        {
            if (KeyEncryptionKey.TryRead(file, out var key, out var reason))
            {
                read.Add(key);
                continue;
            }

            read.ForEach(each => each.Dispose());
            if (_keys.Count == 0)
                throw new InvalidOperationException($"'{file}' {reason}");
            if (_refused != reason)
                Log.NotRead(_logger, file, reason);
            _refused = reason;
            return;
        }

        _refused = null;
        if (read.Zip(_keys).Count(pair => pair.First.Is(pair.Second)) == read.Count)
        {
            read.ForEach(each => each.Dispose());
            return;
        }

        if (_keys.Count > 0)
            Log.Read(_logger, read[0]);
        // Somebody may be sealing with it: zeroed at the end.
        _replaced.AddRange(_keys);
        _keys = read;
    }

    // Event ids 4200-4209.
    private static partial class Log
    {
        [LoggerMessage(4200, LogLevel.Information, "Key-encryption keys read again; {Key} seals")]
        public static partial void Read(ILogger logger, KeyEncryptionKey key);

        [LoggerMessage(4201, LogLevel.Warning, "A changed key-encryption key cannot be used, the former ones stay: '{File}' {Reason}")]
        public static partial void NotRead(ILogger logger, string file, string reason);
    }
}
