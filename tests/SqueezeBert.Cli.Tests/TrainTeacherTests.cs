using System.Text.Json.Nodes;

namespace SqueezeBert.Cli.Tests;

/// <summary>`train --teacher` takes the place of the only head's teacher, and refuses to choose between several.</summary>
public sealed class TrainTeacherTests
{
    [Fact]
    public void TheTeacherOfTheOnlyHeadIsReplaced()
    {
        using var folder = new TrainingFolder();
        ToolRun.Of("train", folder.Recipe("teacher", recipe => recipe["stages"]![0]!["epochs"] = 1)).Succeeds();
        var recipe = Joint(folder, Head("mood", teacher: "nowhere"), Head("other", teacher: null));
        ToolRun.Of("train", recipe).AssertFails(1, "teacher", "nowhere");
        ToolRun.Of("train", recipe, "--teacher", folder.File("teacher")).Succeeds();
    }

    [Fact]
    public void OfSeveralHeadsWithTeachersNoneIsChosen()
    {
        using var folder = new TrainingFolder();
        var recipe = Joint(folder, Head("mood", teacher: "one"), Head("other", teacher: "two"));
        ToolRun.Of("train", recipe, "--teacher", folder.Root).AssertFails(2, "--teacher: several heads or stages");
        recipe = Joint(folder, Head("mood", teacher: null));
        ToolRun.Of("train", recipe, "--teacher", folder.Root).AssertFails(2, "--teacher: no stage of the recipe has a teacher");
    }

    private static string Joint(TrainingFolder folder, params JsonNode[] heads) => folder.Recipe("several", recipe =>
    {
        var stage = recipe["stages"]![0]!.AsObject();
        foreach (var field in (string[])["data", "labels", "epochs"]) stage.Remove(field);
        stage["task"] = "joint";
        stage["steps"] = 3;
        stage["heads"] = new JsonArray(heads);
    });

    private static JsonObject Head(string name, string? teacher)
    {
        var head = JsonNode.Parse("""
            {
              "task": "single-label", "data": [ { "file": "reviews.csv", "text": "review", "label": "verdict" } ],
              "labels": [ "bad", "good" ]
            }
            """)!.AsObject();
        head["name"] = name;
        if (teacher is not null) head["teacher"] = teacher;
        return head;
    }
}
