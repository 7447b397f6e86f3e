using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Threading;

namespace SqueezeBert.Training.Running;

/// <summary>The model of a stage: its graph, its parameters and their training.</summary>
internal sealed class StageModel : IDisposable
{
    /// <param name="configuration">The model.</param>
    /// <param name="stage">What it is to learn.</param>
    /// <param name="pool">Threads; belongs to the caller.</param>
    public StageModel(ModelConfiguration configuration, StageRecipe stage, WorkerPool pool)
    {
        Configuration = configuration;
        Graph = stage.Task.CreateGraph(stage, configuration);
        var outputs = stage.Task.Outputs(stage, configuration);
        Parameters =
            new ParameterStore(
                [.. Graph.NodesFor(outputs.Select(output => output.Name)).SelectMany(node => node.Expressions)
                    .SelectMany(expression => expression.Leaves).Distinct()]);
        Training = new GradientSession(Graph, outputs, Parameters, pool);
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
    }

    /// <summary>Takes over the tensors that have a parameter's name, with the base model's prefix or without, and its shape.</summary>
    /// <param name="tensors">What there is.</param>
    /// <param name="dropped">Why heads are not among them any more, by what the names of their tensors begin with.</param>
    public TakenTensors Load(CarriedTensors tensors, IReadOnlyDictionary<string, string> dropped)
    {
        var random = new List<(string Name, string Reason)>();
        foreach (var parameter in Parameters.Parameters)
        {
            var found = tensors.Find(parameter.Name);
            if (found is not null && found.Shape.SequenceEqual(parameter.Shape.Select(size => (long)size)))
                found.Data.Span.CopyTo(Parameters.ValueSpan(parameter));
            else random.Add((parameter.Name, found is not null ? $"[{string.Join(", ", found.Shape)}] in the start"
                : dropped.FirstOrDefault(head => parameter.Name.StartsWith(head.Key, StringComparison.Ordinal)).Value is { } reason
                    ? $"the start's is {reason}" : "not in the start"));
        }

        return new TakenTensors(Parameters.Parameters.Count - random.Count, Parameters.Parameters.Count, random);
    }

    /// <summary>Puts back values of its own.</summary>
    /// <param name="values">As <see cref="Values"/> gave them.</param>
    public void Load(IReadOnlyDictionary<string, float[]> values)
    {
        foreach (var parameter in Parameters.Parameters) values[parameter.Name].CopyTo(Parameters.ValueSpan(parameter));
    }

    /// <summary>All parameters with copies of their values.</summary>
    public IEnumerable<NamedTensor> Tensors() => Parameters.Parameters.Select(parameter => new NamedTensor(
        parameter.Name, parameter.Shape, Parameters.ValueSpan(parameter).ToArray()));

    public Dictionary<string, float[]> Values() =>
        Parameters.Parameters.ToDictionary(parameter => parameter.Name, parameter => Parameters.ValueSpan(parameter).ToArray());

    public void Dispose()
    {
        Training.Dispose();
        Parameters.Dispose();
    }
}
