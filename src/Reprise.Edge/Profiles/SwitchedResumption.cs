using Reprise.Core.Keys;
using Reprise.Tls;

namespace Reprise.Edge.Profiles;

/// <summary>A profile's resumption as its configuration says, under what operators have switched for the cluster.</summary>
/// <param name="Stateful">Sessions are kept in the store.</param>
/// <param name="Stateless">Sessions travel in tickets.</param>
/// <param name="Tls13">What TLS 1.3 clients get.</param>
internal readonly record struct SwitchedResumption(bool Stateful, bool Stateless, Tls13ResumptionMode Tls13)
{
    /// <param name="configured">Of the profile.</param>
    /// <param name="switched">By operators.</param>
    /// <param name="hasStore">Without a store nothing is stateful, whatever is switched.</param>
    public static SwitchedResumption Of(ProfileOptions.ResumptionOptions configured, ResumptionSwitch switched, bool hasStore)
    {
        var stateful = hasStore && (switched.Stateful ?? configured.Stateful);
        var stateless = switched.Stateless ?? configured.Stateless;
        var other = stateless ? Tls13ResumptionMode.Stateless : stateful ? Tls13ResumptionMode.Stateful : Tls13ResumptionMode.None;
        // Where one kind is switched off, TLS 1.3 clients get the other, unless the profile wants them to have none.
        return new(stateful, stateless, configured.Tls13 switch
        {
            Tls13ResumptionMode.None => Tls13ResumptionMode.None,
            Tls13ResumptionMode.Stateful when stateful => Tls13ResumptionMode.Stateful,
            _ => other,
        });
    }
}
