using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Objectives;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Pruning;

/// <summary>
/// Measures <see cref="Importance"/> by gradients, example by example. The gradient of a factor on the output of a head or a channel is Σ
/// weight · gradient over the columns of the next matrix that read it. Therefore only those matrices need gradients. Not thread-safe.
/// </summary>
internal sealed unsafe class ImportanceMeasure : IDisposable
{
    private readonly PrunableLayers _layers;
    private readonly Importance _sum;
    private int _examples;

    /// <param name="graph">The model with its head.</param>
    /// <param name="layers">The parts of the model that can be pruned.</param>
    /// <param name="outputs">The outputs that the losses read.</param>
    /// <param name="pool">The thread pool, which belongs to the caller. The result does not depend on the number of threads.</param>
    public ImportanceMeasure(Graph graph, PrunableLayers layers, IReadOnlyList<OutputRequest> outputs, WorkerPool pool)
    {
        _layers = layers;
        _sum = new Importance(layers);
        var requests = outputs.ToList();
        for (var layer = 0; layer <= layers.All.Count; layer++)
            requests.Add(new OutputRequest(OutputNames.HiddenState(layer), IsGradientKept: layer > 0));
        var gates = layers.All.SelectMany(layer => layer.FeedForwards.Select(network => network.Second)
            .Concat(layer.Attention is { } attention ? [attention.Output] : [])).Select(linear => linear.Weight).ToHashSet();
        Parameters = new ParameterStore(
            [.. graph.NodesFor(requests.Select(output => output.Name)).SelectMany(node => node.Expressions)
                .SelectMany(expression => expression.Leaves).Distinct()],
            parameter => !gates.Contains(parameter));
        Session = new GradientSession(graph, requests, Parameters, pool);
    }

    /// <summary>The values of the model, which the caller sets.</summary>
    public ParameterStore Parameters { get; }

    /// <summary>The session for the losses.</summary>
    public GradientSession Session { get; }

    /// <summary>Measures on examples that are evenly distributed over a set. Examples without a label are ignored.</summary>
    /// <param name="set">The examples.</param>
    /// <param name="limit">The largest number of examples.</param>
    /// <param name="writer">Puts them into batches.</param>
    /// <param name="terms">The losses.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked before each example.</param>
    public Importance Measure(
        ExampleSet set, int limit, ExampleWriter writer, IReadOnlyList<LossTerm> terms, CancellationToken cancellationToken)
    {
        Session.PackWeights();
        var objective = new Objective(Session, terms);
        var builder = new MicroBatchBuilder(writer, tokenBudget: 1);
        for (var i = 0; i < set.Count; i++)
        {
            if (!EvenSample.IsChosen(i, limit, set.Count)) continue;
            cancellationToken.ThrowIfCancellationRequested();
            var count = builder.Build(set, [i], (ulong)i);
            objective.Begin();
            for (var batch = 0; batch < count; batch++) objective.Count(builder.Batches[batch].Batch, builder.Batches[batch].Labels);
            for (var batch = 0; batch < count; batch++)
            {
                Session.ClearGradients();
                Session.Forward(builder.Batches[batch].Batch, null);
                objective.AddGradients(builder.Batches[batch].Labels);
                Session.Backward();
                Add();
            }

            _examples++;
        }

        Divide(_sum.Layers);
        foreach (var heads in _sum.Heads) Divide(heads);
        foreach (var channels in _sum.Channels.SelectMany(networks => networks)) Divide(channels);
        return _sum;
    }

    public void Dispose()
    {
        Session.Dispose();
        Parameters.Dispose();
    }

    private void Divide(double[] values)
    {
        for (var i = 0; i < values.Length; i++) values[i] /= Math.Max(1, _examples);
    }

    private void Add()
    {
        for (var layer = 0; layer < _layers.All.Count; layer++)
        {
            _sum.Layers[layer] += Math.Abs(LayerChange(layer));
            var prunable = _layers.All[layer];
            if (prunable.Attention is { } attention)
            {
                var gates = GateGradients(attention.Output);
                for (var head = 0; head < attention.Heads; head++)
                {
                    var sum = 0.0;
                    foreach (var gate in gates.AsSpan(head * attention.HeadSize, attention.HeadSize)) sum += gate;
                    _sum.Heads[layer][head] += Math.Abs(sum);
                }
            }

            for (var network = 0; network < prunable.FeedForwards.Count; network++)
            {
                var gates = GateGradients(prunable.FeedForwards[network].Second);
                for (var channel = 0; channel < gates.Length; channel++) _sum.Channels[layer][network][channel] += Math.Abs(gates[channel]);
            }
        }
    }

    /// <summary>Returns the gradient of a factor on each input of a linear layer.</summary>
    private double[] GateGradients(LinearNode linear)
    {
        var weight = (Parameter)linear.Weight;
        var values = Parameters.ValueSpan(weight);
        var gradients = Parameters.GradientSpan(weight);
        var inputs = weight.Columns;
        var outputsOfGroup = weight.Rows / linear.Groups;
        var gates = new double[inputs * linear.Groups];
        for (var row = 0; row < weight.Rows; row++)
        {
            var first = row / outputsOfGroup * inputs;
            var start = row * inputs;
            for (var column = 0; column < inputs; column++)
                gates[first + column] += (double)values[start + column] * gradients[start + column];
        }

        return gates;
    }

    /// <summary>Returns the change of the loss, to first order, if the output of a layer were its input.</summary>
    private double LayerChange(int layer)
    {
        var before = Session.Output(OutputNames.HiddenState(layer)).Rows.Span;
        var output = Session.Output(OutputNames.HiddenState(layer + 1));
        var after = output.Rows.Span;
        var gradient = output.Gradient.Span;
        var sum = 0.0;
        for (var i = 0; i < gradient.Length; i++) sum += (double)gradient[i] * (before[i] - after[i]);
        return sum;
    }
}
