namespace Reprise.Edge.Profiles;

/// <summary>
/// Holds the profiles in service: a snapshot that is swapped whole. Who decides something reads <see cref="Table"/> once for it, and
/// keeps neither the table nor a profile of it beyond that, but for a connection, which ends as the profile that it began with.
/// </summary>
internal sealed class CurrentProfiles(ProfileTable table)
{
    private volatile ProfileTable _table = table;

    public ProfileTable Table => _table;

    /// <summary>Raised before a swap, with the table to come; one at a time, on whichever thread.</summary>
    public event Action<ProfileTable>? Changing;

    /// <summary>Raised after a swap, with the table before.</summary>
    public event Action<ProfileTable>? Changed;

    /// <summary>Puts other profiles in service. Their keys are derived already, or no session of theirs resumes.</summary>
    public void Swap(ProfileTable table)
    {
        Changing?.Invoke(table);
        var former = _table;
        _table = table;
        Changed?.Invoke(former);
    }
}
