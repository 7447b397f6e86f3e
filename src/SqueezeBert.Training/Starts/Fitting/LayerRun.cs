using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;

namespace SqueezeBert.Training.Starts.Fitting;

/// <summary>Runs a graph over the sample, batch after batch.</summary>
internal sealed class LayerRun : IDisposable
{
    private const int BatchTokens = 4096;
    private readonly Engine _model;
    private readonly FitSample _sample;
    private readonly bool _asRows;

    /// <param name="configuration">The configuration of the model.</param>
    /// <param name="graph">Of the model or of one layer.</param>
    /// <param name="source">Has its parameters.</param>
    /// <param name="sample">What to run over.</param>
    /// <param name="asRows">Whether tokens are rows of a table (<see cref="LayerGraphs"/>) instead of pieces.</param>
    /// <param name="threads">Null for one per core.</param>
    public LayerRun(
        ModelConfiguration configuration, Graph graph, IParameterSource source, FitSample sample, bool asRows, int? threads)
    {
        _model = new Engine(configuration, graph, source, new EngineOptions { Threads = threads });
        (_sample, _asRows) = (sample, asRows);
    }

    /// <summary>Takes the outputs of a batch.</summary>
    /// <param name="row">The first token's place among all.</param>
    /// <param name="session">Has the outputs.</param>
    public delegate void Taker(int row, ModelSession session);

    /// <summary>Computes outputs of all tokens.</summary>
    public void Run(IReadOnlyList<string> outputs, Taker take, CancellationToken cancellationToken)
    {
        using var session = _model.CreateSession(outputs);
        var batch = new PackedBatch();
        for (int text = 0, row = 0; text < _sample.TextCount; row += batch.TokenCount)
        {
            text = _sample.Fill(text, BatchTokens, batch, _asRows);
            session.Run(batch, cancellationToken);
            take(row, session);
        }
    }

    public void Dispose() => _model.Dispose();
}
