namespace Reprise.Tls;

/// <summary>Something with a descriptor that a loop watches. All members run on the loop.</summary>
internal abstract class LoopHandler
{
    /// <summary>Where the loop keeps it.</summary>
    public int Slot { get; set; } = -1;

    /// <param name="events">EPOLL bits.</param>
    public abstract void OnEvents(uint events);

    /// <summary>Called about twice a second for deadlines.</summary>
    /// <param name="now">Milliseconds, as <see cref="EventLoop.Now"/>.</param>
    public abstract void OnSweep(long now);

    /// <summary>An exception came out of one of the above: give everything up.</summary>
    public abstract void OnFault();

    /// <summary>The loop ends.</summary>
    public abstract void OnStop();
}
