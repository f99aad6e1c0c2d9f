namespace Reprise.KeyService.Dashboard.SignIn;

/// <summary>
/// Who has signed in by token. Kept here too and not in the cookie alone, so that signing out, or another token, ends a session
/// whoever has its cookie. A restart ends all.
/// </summary>
internal sealed class Sessions(TokenFile token, TimeProvider time)
{
    /// <summary>How long one lasts.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(8);

    // Each has needed the token: more are a fault of whoever has it, and cost the oldest.
    private const int Most = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (int Token, DateTimeOffset Until)> _open = [];

    /// <summary>Begins one: gives its name.</summary>
    public string Begin()
    {
        var name = Guid.NewGuid().ToString("N");
        var generation = token.Generation;
        var now = time.GetUtcNow();
        lock (_gate)
        {
            foreach (var over in _open.Where(each => each.Value.Token != generation || each.Value.Until <= now).Select(each => each.Key).ToList())
                _open.Remove(over);
            if (_open.Count >= Most)
                _open.Remove(_open.MinBy(each => each.Value.Until).Key);
            _open[name] = (generation, now + Lifetime);
        }

        return name;
    }

    /// <summary>Whether it lasts.</summary>
    public bool IsOpen(string? name)
    {
        var generation = token.Generation;
        lock (_gate)
            return name is not null && _open.TryGetValue(name, out var session) && session.Token == generation && time.GetUtcNow() < session.Until;
    }

    public void End(string? name)
    {
        lock (_gate)
        {
            if (name is not null)
                _open.Remove(name);
        }
    }
}
