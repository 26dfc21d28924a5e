/* The commands of the command line: each gets its own name as argv[0] and answers the exit status.
 */
#ifndef CD_DAEMON_COMMANDS_H
#define CD_DAEMON_COMMANDS_H

int cd_command_standalone(int argc, char **argv);
int cd_command_distributed(int argc, char **argv);
int cd_command_check(int argc, char **argv);
int cd_command_doctor(int argc, char **argv);
int cd_command_keys(int argc, char **argv);
int cd_command_container(int argc, char **argv);
int cd_command_health(int argc, char **argv);
int cd_command_plugins(int argc, char **argv);
int cd_command_broker(int argc, char **argv);
int cd_command_version(int argc, char **argv);

#endif
