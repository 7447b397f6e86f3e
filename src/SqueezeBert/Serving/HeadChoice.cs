using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;

namespace SqueezeBert.Serving;

/// <summary>Chooses the head of a checkpoint that serves a task.</summary>
internal static class HeadChoice
{
    /// <summary>The name of the option, which is defined in a higher folder.</summary>
    private const string Option = "Head";

    /// <summary>Returns the named head that serves a task. Null means the head of the checkpoint's class, or the bare encoder.</summary>
    /// <param name="configuration">The configuration of the checkpoint.</param>
    /// <param name="head">The head that the task needs. None needs only the encoder.</param>
    /// <param name="name">The name of the requested head. Null uses that of the class, otherwise the only one for the task.</param>
    /// <param name="source">The source of the model in messages.</param>
    /// <exception cref="ArgumentException">There is no head of that name, or the task needs no head.</exception>
    /// <exception cref="UnsupportedModelException">
    /// The named head has another task, or several heads serve the task and none was named.
    /// </exception>
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

    /// <summary>Returns whether the head of the checkpoint's class serves a task. An unknown class serves none.</summary>
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
