using System.Diagnostics;
using SqueezeBert.Inference;

namespace SqueezeBert.Benchmarks.Engines;

/// <summary>This library: packed batches, and only the rows that the output needs.</summary>
/// <param name="model">The model.</param>
/// <param name="output">The output to read.</param>
/// <param name="name">What tables call it.</param>
internal sealed class SqueezeBertEngine(Engine model, string output, string name = "SqueezeBert") : IEngine
{
    private readonly ModelSession _session = model.CreateSession(output);
    private PackedBatch[] _batches = [];

    public string Name => name;

    public void Prepare(IReadOnlyList<IReadOnlyList<TokenText>> batches) => _batches = [.. batches.Select(Pack)];

    public double Run()
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var batch in _batches) _session.Run(batch);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public float[] LastResult() => _session.GetOutput(output).ToArray();

    public void Dispose() => _session.Dispose();

    private static PackedBatch Pack(IReadOnlyList<TokenText> texts)
    {
        var batch = new PackedBatch();
        foreach (var text in texts) batch.Add(text.Ids, text.TypeIds);
        return batch;
    }
}
