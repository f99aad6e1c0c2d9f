using Reprise.KeyProtocol;

namespace Reprise.Edge.Profiles;

/// <summary>Tells the key service, and through it operators, what this node serves.</summary>
internal sealed class ServedProfiles(CurrentProfiles profiles) : IServedProfiles
{
    public IReadOnlyList<ServedProfile> Read() =>
        [.. profiles.Table.All.Select(profile => new ServedProfile(
            profile.Name, profile.Scope.Tag, profile.Tls.Resumption.Stateful, profile.Tls.Resumption.Stateless))];
}
