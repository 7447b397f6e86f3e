using System.Text.Json.Nodes;
using SqueezeBert.Cli.Machine;
using SqueezeBert.Kernels;

namespace SqueezeBert.Cli.Tests;

public sealed class InfoTests
{
    [Fact]
    public void BothFormsTellTheSame()
    {
        var json = JsonNode.Parse(ToolRun.Of("info", "--json").Succeeds())!.AsObject();
        Assert.Equal(InstructionSets.Selected.ToString().ToLowerInvariant(), (string?)json["kernels"]);
        Assert.Equal(Environment.ProcessorCount, (int)json["threads"]!);
        Assert.StartsWith("0.", (string?)json["version"], StringComparison.Ordinal);
        Assert.NotEqual("", (string?)json["cpu"]);
        var text = ToolRun.Of("info").Succeeds();
        Assert.Matches($@"(?m)^cpu +{System.Text.RegularExpressions.Regex.Escape((string)json["cpu"]!)}$", text);
        Assert.Matches($@"(?m)^threads +{Environment.ProcessorCount}$", text);
    }

    [Theory]
    [InlineData("processor\t: 0\nmodel name\t: Some Core @ 2 GHz\nprocessor\t: 1\nmodel name\t: Other\n", "Some Core @ 2 GHz")]
    [InlineData("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n", "implementer 0x41 part 0xd0c")]
    [InlineData("processor\t: 0\n", null)]
    public void ThePseudoFileOfLinuxNamesTheCpuWhereTheCpuDoesNot(string content, string? name)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, content);
            Assert.Equal(name, CpuName.FromProcFile(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void AnX86CpuNamesItself()
    {
        Assert.SkipUnless(System.Runtime.Intrinsics.X86.X86Base.IsSupported, "CPUID is an instruction of x86");
        Assert.Matches("[A-Za-z]{3}", CpuName.Find());
        Assert.NotEqual("unknown", CpuName.Find());
    }

    [Theory]
    [InlineData("0::/\n", "sys/fs/cgroup/cpu.max=150000 100000", 1.5)]
    [InlineData("0::/\n", "sys/fs/cgroup/cpu.max=max 100000", null)]
    [InlineData("0::/a/b\n", "sys/fs/cgroup/a/cpu.max=200000 100000|sys/fs/cgroup/a/b/cpu.max=400000 100000", 2.0)]
    [InlineData("0::/of/the/host\n", "sys/fs/cgroup/cpu.max=50000 100000", 0.5)]
    [InlineData(
        "4:memory:/\n1:cpu,cpuacct:/x\n", "sys/fs/cgroup/cpu/x/cpu.cfs_quota_us=300000|sys/fs/cgroup/cpu/x/cpu.cfs_period_us=100000", 3.0)]
    [InlineData("1:cpu:/\n", "sys/fs/cgroup/cpu/cpu.cfs_quota_us=-1|sys/fs/cgroup/cpu/cpu.cfs_period_us=100000", null)]
    [InlineData("", "", null)]
    public void AContainersQuotaIsTheSmallestOfItsGroups(string groups, string files, double? cores)
    {
        var root = Directory.CreateTempSubdirectory("squeezebert-cgroup-").FullName;
        try
        {
            foreach (var (path, content) in files.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(file => file.Split('='))
                .Select(file => (file[0], file[1])).Append(("proc/self/cgroup", groups)))
            {
                var file = Path.Combine([root, .. path.Split('/')]);
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                File.WriteAllText(file, content + "\n");
            }

            Assert.Equal(cores, CpuQuota.Find(root));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public void EveryCommandHasHelpWithExamples()
    {
        foreach (var command in Tool.Commands())
        {
            var help = ToolRun.Of(command.Name, "--help").Succeeds();
            Assert.Contains("Examples:\n  ", help, StringComparison.Ordinal);
            Assert.NotEmpty(command.Examples);
            Assert.All(command.Examples, example => Assert.Contains($"squeezebert {command.Name}", example, StringComparison.Ordinal));
        }
    }
}
