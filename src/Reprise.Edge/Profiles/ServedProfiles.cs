using Reprise.KeyProtocol;

namespace Reprise.Edge.Profiles;

/// <summary>Tells the key service, and through it operators, what this node serves.</summary>
internal sealed class ServedProfiles(ProfileTable profiles) : IServedProfiles
{
    public IReadOnlyList<ServedProfile> Read() =>
        [.. profiles.All.Select(profile => new ServedProfile(
            profile.Name, profile.Scope.Tag, profile.Tls.Resumption.Stateful, profile.Tls.Resumption.Stateless))];
}
