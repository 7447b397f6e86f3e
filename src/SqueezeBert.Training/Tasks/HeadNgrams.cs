using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training.Tasks;

/// <summary>The n-grams that a named head reads: those of its stage, else those that the head of this name has in the start.</summary>
internal static class HeadNgrams
{
    public static HashedNgrams? Of(StageRecipe stage, ModelConfiguration start, string head) =>
        stage.HashedNgrams ?? start.NamedHeads.FirstOrDefault(known => known.Name == head)?.HashedNgrams;
}
