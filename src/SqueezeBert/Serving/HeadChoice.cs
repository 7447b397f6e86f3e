using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;

namespace SqueezeBert.Serving;

/// <summary>Which head of a checkpoint serves a task.</summary>
internal static class HeadChoice
{
    /// <summary>The name of the option, which a folder above this one has.</summary>
    private const string Option = "Head";

    /// <summary>The named head that serves a task; null: the one of the checkpoint's class, or the bare encoder.</summary>
    /// <param name="configuration">The checkpoint's.</param>
    /// <param name="head">What the task needs; none needs the encoder only.</param>
    /// <param name="name">The head that was asked for; null: the class's, else the only one for the task.</param>
    /// <param name="source">Named in messages.</param>
    /// <exception cref="ArgumentException">There is no head of that name, or the task needs none.</exception>
    /// <exception cref="UnsupportedModelException">The named head is for something else, or several are for the task and none was
    /// named.</exception>
    public static HeadConfiguration? Find(ModelConfiguration configuration, ModelHead head, string? name, ModelSource source)
    {
        if (name is not null) return Named(configuration, head, name, source);
        if (configuration.NamedHeads.Count == 0 || head == ModelHead.None || ClassServes(configuration, head)) return null;
        var serving = configuration.NamedHeads.Where(known => NamedHeads.HeadOf(known) == head).ToList();
        return serving.Count switch
        {
            1 => serving[0],
            0 => throw new UnsupportedModelException(
                $"{source} has no head for {ModelHeads.NameOf(head)}; it has {NamedHeads.List(configuration.NamedHeads)}"),
            _ => throw new UnsupportedModelException(
                $"{source} has {serving.Count} heads for {ModelHeads.NameOf(head)} " +
                    $"({string.Join(", ", serving.Select(own => own.Name))}): name one with PipelineOptions.{Option} (--head)"),
        };
    }

    private static HeadConfiguration Named(ModelConfiguration configuration, ModelHead head, string name, ModelSource source)
    {
        if (head == ModelHead.None)
            throw new ArgumentException("this task reads the encoder itself and no head of it; leave the head out", Option);
        if (configuration.NamedHeads.Count == 0)
        {
            throw new ArgumentException(
                $"{source} has no heads with names, so there is none called '{name}'; leave the head out", Option);
        }

        var found = configuration.NamedHeads.FirstOrDefault(known => known.Name == name)
            ?? throw new ArgumentException(
                $"{source} has no head called '{name}'; it has {NamedHeads.List(configuration.NamedHeads)}", Option);
        return NamedHeads.HeadOf(found) == head ? found : throw new UnsupportedModelException(
            $"the head '{name}' of {source} is for {HeadFields.NameOf(found.Task)}, not for {ModelHeads.NameOf(head)}");
    }

    /// <summary>A class that is not known is no head for anything.</summary>
    private static bool ClassServes(ModelConfiguration configuration, ModelHead head)
    {
        try
        {
            return ModelHeads.Find(ModelGraph.HeadOf(configuration)).ServesAs(head);
        }
        catch (UnsupportedModelException)
        {
            return false;
        }
    }
}
