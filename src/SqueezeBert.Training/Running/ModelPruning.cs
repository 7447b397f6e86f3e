using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.ModelFolders;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Pruning;
using SqueezeBert.Training.Tasks;

namespace SqueezeBert.Training.Running;

/// <summary>Removes parts of a model, one kind after another. Not thread-safe.</summary>
/// <param name="input">
/// The stage whose loss determines the importance, without its teachers: the loss is flat if the student equals its teacher.
/// </param>
/// <param name="data">Its examples.</param>
/// <param name="configuration">The model's, with the labels of the data.</param>
/// <param name="tensors">The tensors of the model.</param>
/// <param name="pool">The thread pool, which belongs to the caller.</param>
internal sealed class ModelPruning(
    StageInput input, StageData data, ModelConfiguration configuration, CarriedTensors tensors, WorkerPool pool)
{
    private readonly StageInput _input = input with { Stage = input.Stage with { Teacher = null, OtherTeachers = [], SoftLabels = null } };

    /// <summary>The smaller model's configuration.</summary>
    public ModelConfiguration Configuration { get; private set; } = configuration;

    /// <summary>The smaller model's tensors; those before are as they were.</summary>
    public CarriedTensors Tensors { get; private set; } = tensors;

    /// <summary>What can be taken out of the model as it is now.</summary>
    public PrunableLayers Layers => new(ModelGraph.Create(Configuration, _input.Stage.Task.Head), Configuration);

    /// <summary>The configuration that a model has when it has been pruned, as far as the options say it.</summary>
    /// <param name="before">The model's.</param>
    /// <param name="options">What stays.</param>
    /// <param name="error">Creates the exception for a field and a reason.</param>
    public static ModelConfiguration Shape(
        ModelConfiguration before, PruningOptions options, Func<string, string, RecipeException> error)
    {
        var layers = new PrunableLayers(ModelGraph.Create(before, ModelHead.None, hasPooler: false), before);
        if (options is { Layers: null, Heads: null, IntermediateSize: null })
            throw error("prune", "says nothing that is taken out: give layers, heads or intermediate_size");
        if (options.Examples < 1) throw error("prune.examples", "must be at least 1");
        if (options.Layers is { } count && (count < 1 || count > before.LayerCount))
            throw error("prune.layers", Invariant($"is {count}; the model has {before.LayerCount} layers, of which 1 to all may stay"));
        if (options.Heads is { } heads)
        {
            if (!before.Layout.HasPrunedHeads)
            {
                throw error("prune.heads",
                    $"config.json of a model of type '{before.ModelType}' has no field for fewer heads than its width says; leave it out");
            }

            if (heads < 1 || heads > layers.Heads)
                throw error("prune.heads", Invariant($"is {heads}; the layers have {layers.Heads} heads, of which 1 to all may stay"));
        }

        if (options.IntermediateSize is { } size)
        {
            var multiple = layers.ChannelMultiple;
            if (size < multiple || size > before.IntermediateSize || size % multiple != 0)
            {
                throw error("prune.intermediate_size",
                    Invariant($"is {size}; it must be a multiple of {multiple}, the groups, up to {before.IntermediateSize}"));
            }
        }

        var after = options.Layers is { } kept ? before.WithLayers([.. Enumerable.Range(0, kept)]) : before;
        return after with { IntermediateSize = options.IntermediateSize ?? before.IntermediateSize };
    }

    /// <summary>
    /// Removes the parts that the options specify: layers one by one, each measured after the previous one was removed, then heads and
    /// channels.
    /// </summary>
    /// <returns>The original numbers of the kept layers.</returns>
    public IReadOnlyList<int> Prune(PruningOptions options, CancellationToken cancellationToken)
    {
        var numbers = Enumerable.Range(0, Configuration.LayerCount).ToList();
        while (options.Layers is { } count && Configuration.LayerCount > count)
        {
            var least = Measure(options.Examples, cancellationToken).LeastLayer;
            RemoveLayer(least);
            numbers.RemoveAt(least);
        }

        if (options.Heads is not null || options.IntermediateSize is not null)
            KeepParts(Measure(options.Examples, cancellationToken), options.Heads, options.IntermediateSize);
        return numbers;
    }

    /// <summary>Measures the parts of the model as it is now.</summary>
    /// <exception cref="RecipeException">The model lacks a part of the head whose loss is asked for.</exception>
    public Importance Measure(int examples, CancellationToken cancellationToken)
    {
        var task = _input.Stage.Task;
        var graph = ModelGraph.Create(Configuration, task.Head);
        var layers = new PrunableLayers(graph, Configuration);
        using var measure = new ImportanceMeasure(graph, layers, task.Outputs(_input.Stage, Configuration), pool);
        foreach (var parameter in measure.Parameters.Parameters)
        {
            var found = Tensors.Find(parameter.Name);
            if (found is null || !found.Shape.SequenceEqual(parameter.Shape.Select(size => (long)size)))
            {
                throw _input.Error("prune",
                    $"needs a model that has learnt the task already, but the start has no fitting '{parameter.Name}'; train it first");
            }

            found.Data.Span.CopyTo(measure.Parameters.ValueSpan(parameter));
        }

        using var learning = task.CreateLearning(_input, data, Configuration, measure.Session);
        return measure.Measure(data.Train, examples, learning.Writer, learning.Terms, cancellationToken);
    }

    /// <summary>Takes a layer out.</summary>
    public void RemoveLayer(int layer) => Apply(PruningPlan.OfLayers(
        Configuration, [.. Enumerable.Range(0, Configuration.LayerCount).Where(number => number != layer)], Canonical()));

    /// <summary>Takes heads and channels out; null: none.</summary>
    public void KeepParts(Importance importance, int? heads, int? channels) =>
        Apply(PruningPlan.OfParts(Configuration, Layers, importance, heads, channels, Canonical()));

    private void Apply(PruningPlan plan)
    {
        Configuration = plan.Configuration;
        Tensors = Tensors.Pruned(plan);
    }

    private Func<string, string> Canonical() =>
        new TensorNames(SupportedArchitectures.Of(Configuration), Configuration.TieWordEmbeddings).Canonical;

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
