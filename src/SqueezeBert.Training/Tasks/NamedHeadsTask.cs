using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>
/// A task that trains named heads on a bare encoder. Heads of the starting model that it does not train are kept in the checkpoint.
/// </summary>
internal abstract class NamedHeadsTask(string name) : TrainingTask(name)
{
    internal override LabelKind Labels => LabelKind.None;

    internal override ModelHead Head => ModelHead.None;

    internal override ModelConfiguration Configure(ModelConfiguration start, IReadOnlyList<string> labels) => start;

    internal override ModelConfiguration Configure(StageRecipe stage, ModelConfiguration start, StageData data)
    {
        var heads = start.NamedHeads.ToList();
        foreach (var head in HeadsOf(stage, start, data))
        {
            var place = heads.FindIndex(known => known.Name == head.Name);
            if (place < 0) heads.Add(head);
            else heads[place] = head;
        }

        return start with { NamedHeads = heads };
    }

    internal override Graph CreateGraph(StageRecipe stage, ModelConfiguration configuration)
    {
        var names = HeadNames(stage);
        return ModelGraph.Create(
            configuration, Head, hasPooler: false, namedHeads: [.. configuration.NamedHeads.Where(head => names.Contains(head.Name))]);
    }
}
