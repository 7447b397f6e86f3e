using System.Diagnostics;
using SqueezeBert.Inference;

namespace SqueezeBert.Benchmarks.Engines;

/// <summary>This library: packed batches, and only the rows that the output needs.</summary>
internal sealed class SqueezeBertEngine(Engine model, string output) : IEngine
{
    private readonly ModelSession _session = model.CreateSession(output);
    private PackedBatch[] _batches = [];

    public string Name => "SqueezeBert";

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
