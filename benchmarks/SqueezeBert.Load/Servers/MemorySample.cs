namespace SqueezeBert.Load.Servers;

/// <summary>What a server is made of at a time.</summary>
/// <param name="Time">Since the beginning.</param>
/// <param name="WorkingSet">Bytes of the process in memory.</param>
/// <param name="Committed">Bytes that the collector has committed, at its last collection.</param>
/// <param name="Heap">Bytes in the collector's heaps after its last collection.</param>
/// <param name="Retained">Bytes of native working memory that the models keep.</param>
/// <param name="Handles">Open files and sockets.</param>
/// <param name="Threads">Threads.</param>
internal readonly record struct MemorySample(
    TimeSpan Time, long WorkingSet, long Committed, long Heap, long Retained, int Handles, int Threads)
{
    /// <summary>Bytes that are neither the collector's nor kept by the models: code, weights, what the runtime takes.</summary>
    public long Rest => WorkingSet - Committed - Retained;
}
