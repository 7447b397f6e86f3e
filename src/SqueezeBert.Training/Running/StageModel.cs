using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Threading;
using SqueezeBert.Training.Adapters;
using SqueezeBert.Training.Optimization;
using SqueezeBert.Training.Tasks;

namespace SqueezeBert.Training.Running;

/// <summary>The model of a stage: its graph, its parameters and their training.</summary>
internal sealed class StageModel : IDisposable
{
    private readonly IReadOnlyList<Adapter> _adapters = [];

    // The parameters of the adapters, which no file has.
    private readonly HashSet<Parameter> _narrow;

    /// <param name="configuration">The model.</param>
    /// <param name="input">What it is to learn.</param>
    /// <param name="pool">The thread pool, which belongs to the caller.</param>
    /// <param name="parts">Where the model's parameters stand.</param>
    /// <exception cref="RecipeException">Nothing is left to train, or a frozen layer or an adapted projection is not there.</exception>
    public StageModel(ModelConfiguration configuration, StageInput input, WorkerPool pool, ModelParts parts)
    {
        var stage = input.Stage;
        if (stage.Freeze is { } part && part.Layers > parts.LayerCount)
        {
            throw input.Error(
                "freeze", FormattableString.Invariant($"{part.Layers} layers cannot be frozen, the model has {parts.LayerCount}"));
        }

        Configuration = configuration;
        var graph = stage.Task.CreateGraph(stage, configuration);
        if (stage.Adapters is { } options)
        {
            var adapted = AdaptedGraph.Of(graph, options, parts);
            if (adapted.Adapters.Count == 0) throw input.Error("lora.projections",
                $"no linear layer of the encoder has such a name; there are {string.Join(", ", AdaptedGraph.Projections(graph, parts))}");
            (graph, _adapters) = (adapted.Graph, adapted.Adapters);
        }

        _narrow = [.. _adapters.SelectMany(adapter => (Parameter[])[adapter.Down, adapter.Up])];
        var frozen = stage.Adapters is null ? stage.Freeze : new FrozenParts { Encoder = true };
        var outputs = stage.Task.Outputs(stage, configuration);
        Parameters =
            new ParameterStore(
                [.. graph.NodesFor(outputs.Select(output => output.Name)).SelectMany(node => node.Expressions)
                    .SelectMany(expression => expression.Leaves).Distinct()],
                frozen is null ? null : parameter => parts.IsFrozen(parameter, frozen) && !_narrow.Contains(parameter));
        if (Parameters.Trainable.Count == 0)
            throw input.Error("freeze", $"nothing is left to train: all that the task '{stage.Task}' trains is frozen");
        Graph = graph;
        Training = new GradientSession(graph, outputs, Parameters, pool);
    }

    public ModelConfiguration Configuration { get; }

    public Graph Graph { get; }

    public ParameterStore Parameters { get; }

    public GradientSession Training { get; }

    /// <summary>First values; the seed alone decides them.</summary>
    public void Initialize(ulong seed)
    {
        var initial = new InitialParameters(seed, Configuration.InitializerRange);
        foreach (var parameter in Parameters.Parameters) initial.Read(parameter, Parameters.ValueSpan(parameter));
        foreach (var adapter in _adapters) adapter.Initialize(Parameters, seed);
    }

    /// <summary>Takes over the tensors that have a parameter's name, with the base model's prefix or without, and its shape.</summary>
    /// <param name="tensors">What there is.</param>
    /// <param name="dropped">Why heads are not among them any more, by what the names of their tensors begin with.</param>
    public TakenTensors Load(CarriedTensors tensors, IReadOnlyDictionary<string, string> dropped)
    {
        var random = new List<(string Name, string Reason)>();
        var own = Parameters.Parameters.Where(parameter => !_narrow.Contains(parameter)).ToList();
        foreach (var parameter in own)
        {
            var found = tensors.Find(parameter.Name);
            if (found is not null && found.Shape.SequenceEqual(parameter.Shape.Select(size => (long)size)))
                found.Data.Span.CopyTo(Parameters.ValueSpan(parameter));
            else random.Add((parameter.Name, found is not null ? $"[{string.Join(", ", found.Shape)}] in the start"
                : dropped.FirstOrDefault(head => parameter.Name.StartsWith(head.Key, StringComparison.Ordinal)).Value is { } reason
                    ? $"the start's is {reason}" : "not in the start"));
        }

        return new TakenTensors(own.Count - random.Count, own.Count, random);
    }

    /// <summary>Puts back values of its own; those that are not trained are as they were.</summary>
    /// <param name="values">As <see cref="Values"/> gave them.</param>
    public void Load(IReadOnlyDictionary<string, float[]> values)
    {
        foreach (var parameter in Parameters.Trainable) values[parameter.Name].CopyTo(Parameters.ValueSpan(parameter));
    }

    /// <summary>All parameters of the model with copies of their values, each adapter added to its weight.</summary>
    public IEnumerable<NamedTensor> Tensors()
    {
        foreach (var parameter in Parameters.Parameters.Where(parameter => !_narrow.Contains(parameter)))
        {
            var values = Parameters.ValueSpan(parameter).ToArray();
            foreach (var adapter in _adapters)
            {
                if (adapter.Weight == parameter) adapter.AddTo(values, Parameters);
            }

            yield return new NamedTensor(parameter.Name, parameter.Shape, values);
        }
    }

    /// <summary>Copies of what is trained, by name.</summary>
    public Dictionary<string, float[]> Values() =>
        Parameters.Trainable.ToDictionary(parameter => parameter.Name, parameter => Parameters.ValueSpan(parameter).ToArray());

    public void Dispose()
    {
        Training.Dispose();
        Parameters.Dispose();
    }
}
